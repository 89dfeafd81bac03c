/**
 * Draws the 64 avatars a person may choose from, at build time: `/avatars/0.svg` … `/avatars/63.svg`.
 *
 * The drawing library weighs more than the rest of the app, so it never reaches the browser.
 */
import { createAvatar } from '@dicebear/core'
import * as notionists from '@dicebear/notionists'
import type { Plugin } from 'vite'

export const AVATARS = 64

const BACKGROUNDS: [string, string][] = [
  ['ffd9e6', 'f9a8c7'],
  ['fff0bf', 'ffd978'],
  ['e9dcff', 'c3aef5'],
  ['d6efff', '9fd3f2'],
  ['c9f3df', '8ad8b4'],
  ['ffe1cf', 'ffb48e'],
  ['dfe6ff', 'aebcf8'],
  ['e6f3c8', 'b9d985'],
]

export function drawAvatar(number: number): string {
  const [light, deep] = BACKGROUNDS[number % BACKGROUNDS.length]!
  return createAvatar(notionists, {
    seed: `junzi-resident-${number}`,
    size: 128,
    backgroundColor: [light, deep],
    backgroundType: ['gradientLinear'],
    backgroundRotation: [150],
  }).toString()
}

export function avatars(): Plugin {
  return {
    name: 'junzi-avatars',
    generateBundle() {
      for (let number = 0; number < AVATARS; number++) {
        this.emitFile({ type: 'asset', fileName: `avatars/${number}.svg`, source: drawAvatar(number) })
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const found = /^\/avatars\/(\d{1,2})\.svg$/.exec(request.url ?? '')
        if (!found || Number(found[1]) >= AVATARS) return next()
        response.setHeader('content-type', 'image/svg+xml')
        response.end(drawAvatar(Number(found[1])))
      })
    },
  }
}
