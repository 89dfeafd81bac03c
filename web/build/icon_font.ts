/**
 * Leaves out the icon font that comes with Vant. Junzi draws its own icons, the font is half of all the style sheets, and
 * its second source is another host: no request may leave this one.
 */
import type { Plugin } from 'vite'

export function withoutIconFont(): Plugin {
  return {
    name: 'junzi-without-icon-font',
    enforce: 'pre',
    transform(code, id) {
      if (!/vant\/(?:es|lib)\/icon\/index\.css/.test(id)) return null
      return { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null }
    },
  }
}
