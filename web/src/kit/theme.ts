/** Light, dark, or as the device says. The choice stays on this device. */
import { computed, ref, watchEffect } from 'vue'
import { recall, remember } from './memory'

export type Theme = 'auto' | 'light' | 'dark'

const system = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null
const systemDark = ref(system?.matches ?? false)
system?.addEventListener('change', (event) => (systemDark.value = event.matches))

export const theme = ref<Theme>(recall<Theme>('theme', 'auto'))
export const dark = computed(() => theme.value === 'dark' || (theme.value === 'auto' && systemDark.value))

export function chooseTheme(chosen: Theme) {
  theme.value = chosen
  remember('theme', chosen)
}

export function applyTheme() {
  watchEffect(() => {
    document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light'
    document.documentElement.classList.toggle('dark', dark.value)
    document.documentElement.style.colorScheme = dark.value ? 'dark' : 'light'
  })
}
