import { expect, it } from 'vitest'
import { createProgress } from './progress'

function display(isTTY: boolean) {
  const written: string[] = []
  let time = 0
  const output = { isTTY, write: (text: string) => written.push(text) > 0 }
  const progress = createProgress('Rows', output, () => time)
  return { written, progress, pass: (milliseconds: number) => (time += milliseconds) }
}

it('draws a bar on a terminal, and removes it at the end', () => {
  const { written, progress, pass } = display(true)
  pass(1_000)
  progress.update(50, 100)
  progress.update(51, 100)
  expect(written).toEqual([
    `\r[${'#'.repeat(15)}${'.'.repeat(15)}] Rows: 50 % 50 of 100, 50 a second`,
  ])
  progress.end()
  expect(written.at(-1)).toMatch(/^\r +\r$/)
})

it('writes plain lines elsewhere, one every five seconds', () => {
  const { written, progress, pass } = display(false)
  for (let second = 1; second <= 10; second++) {
    pass(1_000)
    progress.update(second * 10, null)
  }
  progress.end()
  expect(written).toEqual(['Rows: 50, 10 a second\n', 'Rows: 100, 10 a second\n'])
})

it('counts what was done before it began, and leaves it out of the pace', () => {
  const { written, progress, pass } = display(false)
  pass(5_000)
  progress.update(60, 100, 50)
  expect(written).toEqual(['Rows: 60 % 60 of 100, 2 a second\n'])
})
