/**
 * Lays a compressed file beside each file of the built app, as small as it gets: made once, where the server would press each
 * answer in a hurry. Browsers take Brotli over HTTPS and on this machine, and gzip everywhere.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const WORTH_IT = /\.(?:js|css|html|svg|json|webmanifest|wasm)$/
const LEAST_BYTES = 1000
/** The last tenth of a large file would take as long as all the others. */
const LARGE_BYTES = 200_000

export function compressed(): Plugin {
  let folder = ''
  return {
    name: 'junzi-compressed',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          if (WORTH_IT.test(name)) compress(join(folder, name))
        }
      },
    },
  }
}

function compress(path: string) {
  const plain = readFileSync(path)
  if (plain.length < LEAST_BYTES) return
  const quality = plain.length > LARGE_BYTES && !path.includes('/app-') ? 9 : constants.BROTLI_MAX_QUALITY
  writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }))
  writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
}
