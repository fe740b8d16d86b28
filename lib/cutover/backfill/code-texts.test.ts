import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type CodeText, differenceTexts, importTexts, planTexts, undoTexts } from './code-texts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/backfill.md'), 'utf8')

/** The rows of the tables of a section, as code, why and what to do. */
function tableOf(title: string): string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1'))
}
const rowsOf = (texts: Record<string, CodeText>): string[] =>
  Object.entries(texts).map(
    ([code, { why, whatToDo }]) => `| \`${code}\` | ${why} |${whatToDo ? ` ${whatToDo} |` : ''}`,
  )

it.each([
  ['What the plan decides', planTexts],
  ['Import', importTexts],
  ['Reconcile', differenceTexts],
  ['Undo', undoTexts],
])('the texts of the control room equal the tables of docs/backfill.md: %s', (title, texts) => {
  expect(tableOf(title)).toEqual(rowsOf(texts))
})
