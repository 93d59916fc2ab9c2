/** Long lists of names, written as running text: `names('curl wget')`. */
export const names = (text: string): readonly string[] => text.split(' ')
