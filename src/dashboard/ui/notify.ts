/** Short words at the edge of the page about what was just done. */
import { useKumoToastManager } from '@cloudflare/kumo/components/toast'
import { inPlainWords } from '../client/refusal.ts'

export interface Notify {
  done(text: string): void
  failed(what: string, error: unknown): void
}

export function useNotify(): Notify {
  const toasts = useKumoToastManager()
  return {
    done: (text) => void toasts.add({ title: text, variant: 'success' }),
    failed: (what, error) =>
      void toasts.add({ title: what, description: inPlainWords(error), variant: 'error' }),
  }
}
