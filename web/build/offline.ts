/**
 * Makes `sw.js`: the service worker with the list of files that the app needs to open without a network.
 *
 * Kept are the entry and every page that it may open, with what they import; not the operator's desks, whose figures are
 * worth nothing without a server, nor the reader of codes, which weighs more than all pages together and is kept by the
 * browser once it was used. The version is the digest of what the files contain.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformWithOxc, type Plugin, type Rolldown } from 'vite'

const WORKER = fileURLToPath(new URL('../worker/service_worker.ts', import.meta.url))
const ROUTER = fileURLToPath(new URL('../src/router.ts', import.meta.url))
const PUBLIC = ['mark.svg', 'icon-192.png', 'manifest.webmanifest']
const ONLY_WITH_NETWORK =
  /features\/(?:growth\/OpsPage|ledger\/LedgerPage|coupons\/CampaignsPage|standing\/ShopsDeskPage|settlement\/MoneyDeskPage|field\/StreetDeskPage|chat\/ReportsDeskPage|checkout\/reader)/

export function offline(): Plugin {
  return {
    name: 'junzi-offline',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const files = needed(bundle)
        const version = digest([...files, 'index.html'].map((file) => [file, contents(bundle, file)]))
        const list = ['/index.html', ...PUBLIC.map((name) => `/${name}`), ...files.map((file) => `/${file}`)]
        const { code } = await transformWithOxc(readFileSync(WORKER, 'utf8'), WORKER)
        const facts = Object.entries({ FILES: list, VERSION: version, PAGES: pages() })
        const source = facts.map(([name, value]) => `const ${name} = ${JSON.stringify(value)}\n`).join('') + code.replace(/export\s*\{\s*\};?/, '')
        this.emitFile({ type: 'asset', fileName: 'sw.js', source })
      },
    },
  }
}

/** The scripts and style sheets that are reached from the entry without passing a page that wants a network. */
function needed(bundle: Rolldown.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
  const found = new Set<string>()
  const follow = (name: string) => {
    const chunk = chunks.find((one) => one.fileName === name)
    if (!chunk || found.has(name) || ONLY_WITH_NETWORK.test(chunk.facadeModuleId ?? '')) return
    found.add(name)
    for (const sheet of (chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? []) found.add(sheet)
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) follow(next)
  }
  for (const chunk of chunks) if (chunk.isEntry) follow(chunk.fileName)
  return [...found].sort()
}

function contents(bundle: Rolldown.OutputBundle, file: string): string {
  const one = bundle[file]
  return one?.type === 'chunk' ? one.code : String(one?.source ?? '')
}

function digest(parts: [string, string][]): string {
  const hash = createHash('sha256').update(readFileSync(WORKER)).update(pages().join())
  for (const name of PUBLIC) hash.update(readFileSync(fileURLToPath(new URL(`../public/${name}`, import.meta.url))))
  for (const [file, text] of parts) hash.update(file).update(text)
  return hash.digest('hex').slice(0, 16)
}

/** The first words of the addresses that are pages of this app; anything else is the server's to answer. */
function pages(): string[] {
  const paths = [...readFileSync(ROUTER, 'utf8').matchAll(/path: '\/([^':]*)/g)].map((found) => found[1]!.split('/')[0]!)
  return [...new Set(paths)].sort()
}
