/**
 * The letter under which a name stands in the list. Chinese names stand under the first letter of their pinyin: the
 * collation of the browser orders them so, and these characters are the first of each letter in that order.
 */
const FIRST = '阿芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝'
const LETTERS = 'ABCDEFGHJKLMNOPQRSTWXYZ'
const chinese = new Intl.Collator('zh-Hans-CN-u-co-pinyin')

export function letterOf(name: string): string {
  const first = [...name.trim()][0] ?? ''
  if (/[a-z]/i.test(first)) return first.toUpperCase()
  if (!/\p{Script=Han}/u.test(first)) return '#'
  let found = 0
  for (let index = 0; index < FIRST.length; index++) if (chinese.compare(FIRST[index]!, first) <= 0) found = index
  return LETTERS[found] ?? '#'
}

export function groupByLetter<T>(things: T[], nameOf: (thing: T) => string): { letter: string; things: T[] }[] {
  const groups = new Map<string, T[]>()
  for (const thing of [...things].sort((one, other) => chinese.compare(nameOf(one), nameOf(other)))) {
    const letter = letterOf(nameOf(thing))
    groups.set(letter, [...(groups.get(letter) ?? []), thing])
  }
  return [...groups.entries()]
    .sort(([one], [other]) => (one === '#' ? 1 : other === '#' ? -1 : one < other ? -1 : 1))
    .map(([letter, grouped]) => ({ letter, things: grouped }))
}
