/** Hands something over as a file: it is saved, and never opened here. */
export function saveAs(name: string, file: Blob): void {
  const address = URL.createObjectURL(file)
  saveFrom(name, address)
  URL.revokeObjectURL(address)
}

export function saveFrom(name: string, address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.rel = 'noopener noreferrer'
  link.click()
}

export const downloadText = (name: string, type: string, text: string): void =>
  saveAs(name, new Blob([text], { type }))
