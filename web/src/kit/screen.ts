/** What the screen is: whether the window is wide enough for several columns side by side, and whether something can hover over it. */
import { ref } from 'vue'

export const COLUMNS_FROM_PX = 900

const query = typeof matchMedia === 'function' ? matchMedia(`(min-width: ${COLUMNS_FROM_PX}px)`) : null

export const manyColumns = ref(query?.matches ?? false)
query?.addEventListener('change', (event) => (manyColumns.value = event.matches))

const hovering = typeof matchMedia === 'function' ? matchMedia('(hover: hover)') : null

export const hovers = ref(hovering?.matches ?? true)
hovering?.addEventListener('change', (event) => (hovers.value = event.matches))

/** Just after the next frame has been drawn. A page that isn't shown draws none: then it waits a tenth of a second. */
export function afterFrame(): Promise<void> {
  return new Promise((done) => {
    const hidden = setTimeout(done, 100)
    requestAnimationFrame(() => {
      clearTimeout(hidden)
      setTimeout(done)
    })
  })
}
