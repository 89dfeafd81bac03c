import { expect, it } from 'vitest'
import { groupByLetter, letterOf } from './index_letters'

it.each([
  ['阿哲', 'A'],
  ['陈一', 'C'],
  ['林小满', 'L'],
  ['沈一诺', 'S'],
  ['王五', 'W'],
  ['周予安', 'Z'],
  ['Daniel', 'D'],
  ['emma', 'E'],
  ['🐼', '#'],
  ['', '#'],
])('%s stands under %s', (name, letter) => {
  expect(letterOf(name)).toBe(letter)
})

it('groups in order of letters, with the rest at the end', () => {
  const groups = groupByLetter(['周予安', '7', 'Daniel', '阿哲', '丁一'], (name) => name)
  expect(groups.map((group) => group.letter)).toEqual(['A', 'D', 'Z', '#'])
})
