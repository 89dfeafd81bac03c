import { expect, test } from 'vitest'
import { isId, shortId } from './ledger'

test('an id is told from anything else that is typed', () => {
  expect(isId('01890a5d-ac96-774b-bcce-b302099a8057')).toBe(true)
  expect(isId('01890A5DAC96774BBCCEB302099A8057')).toBe(true)
  expect(isId('01890a5d-ac96-774b-bcce-b302099a805')).toBe(false)
  expect(isId('01890a5d-ac96-774b-bcce-b302099a805g')).toBe(false)
  expect(isId('')).toBe(false)
})

test('an id is shortened to its end', () => {
  expect(shortId('01890a5d-ac96-774b-bcce-b302099a8057')).toBe('…b302099a8057')
})
