/** Tar headers of our own making, for what no library writes. */

const BLOCK_BYTES = 512

/** A ustar header; a size given as text stands in its field as it is. */
export function tarHeader(name: string, size: string | number, type = '0', linkname = ''): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  block.write('0000000\0'.repeat(2), 108)
  block.write(
    typeof size === 'string' ? size : `${size.toString(8).padStart(11, '0')}\0`,
    124,
    'latin1',
  )
  block.write('00000000000\0', 136)
  block.write(`        ${type}`, 148)
  block.write(linkname, 157, 100)
  block.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
