import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SLUGS } from '../api/slugs'
import en from './en'
import enFirst from './en_first'
import zh from './zh'
import zhFirst from './zh_first'

type Tree = { [name: string]: string | Tree }

function flatten(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(tree)) {
    const here = path ? `${path}.${name}` : name
    if (typeof value === 'string') found.set(here, value)
    else for (const [below, text] of flatten(value, here)) found.set(below, text)
  }
  return found
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts') ? [path] : []
  })
}

const chinese = flatten({ ...zhFirst, ...zh })
const english = flatten({ ...enFirst, ...en })
const facts = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()

describe('the two catalogues', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('name the same facts under each key, and leave none empty', () => {
    for (const [key, text] of chinese) {
      expect(text, key).not.toBe('')
      expect(english.get(key), key).not.toBe('')
      expect(facts(english.get(key)!), key).toEqual(facts(text))
      // These two mean something else than themselves in a catalogue.
      for (const one of [text, english.get(key)!]) expect(one.replace(/\{'[@|]'\}/g, ''), key).not.toMatch(/[@|]/)
    }
  })

  it('say nothing in two places', () => {
    expect(Object.keys(zh).filter((section) => section in zhFirst)).toEqual([])
  })

  it('have words for every refusal that the documents list', () => {
    const documented = readFileSync(join(import.meta.dirname, '../../../../docs/problems.md'), 'utf8')
    const listed = [...documented.matchAll(/^\| `([a-z-]+)`/gm)].map((found) => found[1]!)
    expect(listed.length).toBeGreaterThan(30)
    expect(listed.filter((slug) => !(SLUGS as readonly string[]).includes(slug))).toEqual([])
    for (const slug of SLUGS) expect(chinese.has(`problem.${slug}`), slug).toBe(true)
  })

  it('have every key that a page names', () => {
    const root = join(import.meta.dirname, '../..')
    const named = sources(root).flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\bt\('([\w.-]+)'/g)].map((found) => `${found[1]} in ${path}`))
    expect(named.length).toBeGreaterThan(200)
    expect(named.filter((one) => !chinese.has(one.split(' in ')[0]!))).toEqual([])
  })
})
