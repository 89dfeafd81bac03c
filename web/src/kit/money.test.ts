import { describe, expect, it } from 'vitest'
import { amountParts, formatAmount, parseAmount, shortAmount, typeKey } from './money'

describe('an amount that a person typed', () => {
  it.each([
    ['18.5', 2, 1850],
    ['18.50', 2, 1850],
    ['0.01', 2, 1],
    ['.5', 2, 50],
    ['5.', 2, 500],
    ['007', 2, 700],
    ['1,234.5', 2, 123450],
    ['500', 0, 500],
    ['1.234', 3, 1234],
    ['0.001', 3, 1],
    ['10000000000', 2, 1_000_000_000_000],
  ])('%s with %i decimals is %i minor units', (text, decimals, minor) => {
    expect(parseAmount(text, decimals)).toEqual({ minor })
  })

  it.each([
    ['', 2, 'empty'],
    ['   ', 2, 'empty'],
    ['0', 2, 'zero'],
    ['0.00', 2, 'zero'],
    ['-1', 2, 'negative'],
    ['−1', 2, 'negative'],
    ['1.005', 2, 'decimals'],
    ['1.5', 0, 'decimals'],
    ['1.2345', 3, 'decimals'],
    ['1' + '0'.repeat(30), 2, 'range'],
    ['10000000000.01', 2, 'range'],
    ['.', 2, 'format'],
    ['1e5', 2, 'format'],
    ['1.2.3', 2, 'format'],
    ['十', 2, 'format'],
  ])('%s with %i decimals is refused: %s', (text, decimals, refusal) => {
    expect(parseAmount(text, decimals)).toEqual({ refusal })
  })
})

describe('an amount to be read', () => {
  it.each([
    [284637, 2, '2,846.37'],
    [5, 2, '0.05'],
    [0, 2, '0.00'],
    [-1800, 2, '−18.00'],
    [1234567, 0, '1,234,567'],
    [1234567, 3, '1,234.567'],
    [1_000_000_000_000, 2, '10,000,000,000.00'],
  ])('%i with %i decimals reads %s', (minor, decimals, text) => {
    expect(formatAmount(minor, decimals)).toBe(text)
  })

  it('carries a plus sign only when asked', () => {
    expect(amountParts(888, 2, true)).toEqual({ sign: '+', whole: '8', fraction: '88' })
    expect(amountParts(888, 2)).toEqual({ sign: '', whole: '8', fraction: '88' })
  })

  it('drops trailing zeros in short texts', () => {
    expect(shortAmount(1000, 2)).toBe('10')
    expect(shortAmount(1850, 2)).toBe('18.5')
    expect(shortAmount(1000, 0)).toBe('1,000')
  })
})

describe('the number pad', () => {
  const type = (keys: string[], decimals: number) => keys.reduce((typed, key) => typeKey(typed, key, decimals), '')

  it('takes no more decimals than the currency has', () => {
    expect(type(['1', '8', '.', '5', '0', '9'], 2)).toBe('18.50')
    expect(type(['1', '.', '2', '3', '4', '5'], 3)).toBe('1.234')
    expect(type(['1', '.', '5'], 0)).toBe('15')
  })

  it('starts a fraction with a zero, keeps one point, and deletes', () => {
    expect(type(['.', '5', '.'], 2)).toBe('0.5')
    expect(type(['0', '7'], 2)).toBe('7')
    expect(type(['1', '2', 'delete'], 2)).toBe('1')
  })
})
