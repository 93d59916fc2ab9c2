/** Tables as CSV (RFC 4180), safe to open in a spreadsheet. */

/** A spreadsheet would run a cell that begins so: names are given by people. */
const BEGINS_FORMULA = /^[=+\-@\t\r]/
/** Where lists are parted by these, a cell begins behind them as well, whatever the quotes say. */
const BEGINS_ANOTHER = /([;\t\n\r])(?=[=+\-@])/g

const cell = (value: string | number): string => {
  if (typeof value === 'number') return String(value)
  const inert = (BEGINS_FORMULA.test(value) ? `'${value}` : value).replaceAll(BEGINS_ANOTHER, "$1'")
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

export const toCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
