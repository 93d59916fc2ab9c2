/** A long list, scrolled as by a wheel: what it draws, and how long the page is busy at a time. */
import type { Page } from 'playwright-core'

export const STEP_PX = 400

export interface Scrolled {
  readonly rowsDrawn: number
  /** Of the tasks that the browser calls long, from 50 ms on; 0 where there was none. */
  readonly longestTaskMs: number
}

/** A step a frame. */
export const scroll = (page: Page, label: string, steps: number): Promise<Scrolled> =>
  page.evaluate(
    async ([name, count, px]) => {
      const list = document.querySelector(`[aria-label="${name}"]`)
      if (list === null) throw new Error(`there is no list ${name}`)
      const tasks: number[] = []
      const busy = new PerformanceObserver((entries) => {
        for (const { duration } of entries.getEntries()) tasks.push(duration)
      })
      busy.observe({ type: 'longtask' })
      let rowsDrawn = 0
      const drawn = new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes)
            if (node instanceof Element && node.getAttribute('role') === 'row') rowsDrawn++
      })
      drawn.observe(list, { childList: true, subtree: true })
      for (let step = 0; step < count; step++) {
        list.scrollTop += px
        await new Promise(requestAnimationFrame)
      }
      // Entries of tasks come after the frame in which they ended.
      await new Promise((resolve) => setTimeout(resolve, 100))
      busy.disconnect()
      drawn.disconnect()
      return { rowsDrawn, longestTaskMs: Math.max(0, ...tasks) }
    },
    [label, steps, STEP_PX] as const,
  )
