/** Whether the window is wide enough for several columns side by side. */
import { ref } from 'vue'

export const COLUMNS_FROM_PX = 900

const query = typeof matchMedia === 'function' ? matchMedia(`(min-width: ${COLUMNS_FROM_PX}px)`) : null

export const manyColumns = ref(query?.matches ?? false)
query?.addEventListener('change', (event) => (manyColumns.value = event.matches))
