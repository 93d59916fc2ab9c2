/** An address of the web that somebody else named. What is none, or pretends to be another's, is no link. */
export function webAddress(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return null
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}
