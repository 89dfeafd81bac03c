/**
 * Says in the page itself what its first screen is made of, so that the browser fetches all of it at once: otherwise it would
 * find one part after another, at the price of a way there and back each.
 */
import type { HtmlTagDescriptor, Plugin, Rolldown } from 'vite'

const FIRST = /src\/app\.ts$/

export function firstPage(): Plugin {
  return {
    name: 'junzi-first-page',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one) => one.type === 'chunk')
        const first = chunks.find((one) => one.moduleIds.some((id) => FIRST.test(id)))
        if (!first) throw new Error(`no chunk has ${FIRST}`)
        const needed = [first.fileName, ...importsOf(chunks, first)].filter((name, place, all) => !html.includes(name) && all.indexOf(name) === place)
        const sheets = needed.flatMap((name) => [...(chunks.find((one) => one.fileName === name) as Sheets | undefined)?.viteMetadata?.importedCss ?? []])
        return [
          ...sheets.map((name): HtmlTagDescriptor => ({ tag: 'link', injectTo: 'head', attrs: { rel: 'stylesheet', crossorigin: true, href: `/${name}` } })),
          ...needed.map((name): HtmlTagDescriptor => ({ tag: 'link', injectTo: 'head', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` } })),
        ]
      },
    },
  }
}

type Sheets = { viteMetadata?: { importedCss: Set<string> } }

function importsOf(chunks: Rolldown.OutputChunk[], chunk: Rolldown.OutputChunk, found = new Set<string>()): string[] {
  for (const name of chunk.imports) {
    const next = chunks.find((one) => one.fileName === name)
    if (!next || found.has(name)) continue
    found.add(name)
    importsOf(chunks, next, found)
  }
  return [...found]
}
