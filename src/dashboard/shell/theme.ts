/** Light, dark, or what the system says. The only thing that outlives a tab: it tells nothing. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'edgeclaw.theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')

export const chosenTheme = (): Theme => {
  const kept = localStorage.getItem(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function applyTheme(): void {
  const theme = chosenTheme()
  const mode = theme === 'system' ? (prefersDark.matches ? 'dark' : 'light') : theme
  document.documentElement.dataset['mode'] = mode
  document.documentElement.style.colorScheme = mode
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  applyTheme()
}

prefersDark.addEventListener('change', applyTheme)
