/**
 * Puts the page that reads the API's description at `/docs/`: our small page and script beside Swagger UI's own files,
 * copied from its package, so that nothing is fetched from anywhere else and no script stands inside the page.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const OURS = fileURLToPath(new URL('../docs', import.meta.url))
const THEIRS = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const FILES: Record<string, string> = {
  'index.html': join(OURS, 'index.html'),
  'start.js': join(OURS, 'start.js'),
  'page.css': join(OURS, 'page.css'),
  'swagger-ui.css': join(THEIRS, 'swagger-ui.css'),
  'swagger-ui-bundle.js': join(THEIRS, 'swagger-ui-bundle.js'),
}
const TYPES: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css' }

export function reading(): Plugin {
  return {
    name: 'junzi-reading',
    generateBundle() {
      for (const [name, path] of Object.entries(FILES)) {
        this.emitFile({ type: 'asset', fileName: `docs/${name}`, source: readFileSync(path) })
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = (request.url ?? '').replace(/^\/docs\/?/, '') || 'index.html'
        if (!(request.url ?? '').startsWith('/docs') || !FILES[name]) return next()
        response.setHeader('content-type', TYPES[name.split('.').pop()!]!)
        response.end(readFileSync(FILES[name]!))
      })
    },
  }
}
