/** Rows that people name by an id, or by the name that somebody gave them. */

/**
 * The id counts before any name: a row that is called like another's id would else be given what is
 * meant for that one, its key for instance.
 */
export const byIdOrName = <Row extends { readonly id: string; readonly name: string }>(
  rows: readonly Row[],
  reference: string | undefined,
): Row | undefined =>
  rows.find(({ id }) => id === reference) ?? rows.find(({ name }) => name === reference)
