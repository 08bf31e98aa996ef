import { expect, test } from 'vitest'
import { printable, printableLines } from '../../../src/cli/output/printable.ts'

test('everything that acts on a terminal is made visible', () => {
  expect(printable('a\u001b[31mb\u0007\u009bc\u007f\r\n\u202ed')).toBe('a·[31mb··c····d')
})

test('text in any script, tabs and emoji stay', () => {
  expect(printable('a\tö 订单 🚚')).toBe('a\tö 订单 🚚')
})

test('line feeds stay where lines are wanted', () => {
  expect(printableLines('a\nb\u001b')).toBe('a\nb·')
})
