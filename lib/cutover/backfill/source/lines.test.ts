import { mkdtemp, open, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Line, linesOf, maximumLineBytes, readLineAt, readLines } from './lines'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-lines-'))
})

const collect = async (lines: AsyncIterable<Line>): Promise<Line[]> => Array.fromAsync(lines)

async function* chunksOf(bytes: Buffer, cuts: number[]): AsyncGenerator<Buffer> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const to of [...places, bytes.length]) {
    yield bytes.subarray(from, to)
    from = to
  }
}

/** Texts without line breaks, with letters of one to four bytes. A CR at the end would be part of the line's end. */
const text = fc
  .string({ unit: fc.constantFrom('a', '{', '"', ' ', 'é', '€', '😀', '\ufeff', '\0') })
  .filter((each) => !each.startsWith('\ufeff'))
const file = fc.record({
  texts: fc.array(text, { maxLength: 12 }),
  end: fc.constantFrom('\n', '\r\n'),
  hasMark: fc.boolean(),
  endsWithBreak: fc.boolean(),
  cuts: fc.array(fc.nat(400), { maxLength: 12 }),
})

describe('the lines of a file', () => {
  it('are the same for any split into chunks, any end of line, and a byte order mark', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ texts, end, hasMark, endsWithBreak, cuts }) => {
        const content = texts.join(end) + (endsWithBreak ? end : '')
        const bytes = Buffer.from((hasMark ? '\ufeff' : '') + content)
        const lines = await collect(linesOf(chunksOf(bytes, cuts)))
        expect(lines.map((line) => line.text)).toEqual(texts.filter((each) => each !== ''))
        for (const { text, offset, length } of lines) {
          expect(bytes.subarray(offset, offset + length).toString()).toBe(text)
        }
      }),
    )
  })

  it('are found again at their places, in a file that was packed too', async () => {
    await fc.assert(
      fc.asyncProperty(file, async ({ texts, end, hasMark }) => {
        const bytes = Buffer.from((hasMark ? '\ufeff' : '') + texts.join(end))
        const plain = join(folder, 'plain')
        const packed = join(folder, 'packed')
        await writeFile(plain, bytes)
        await writeFile(packed, gzipSync(bytes))
        const lines = await collect(readLines(packed))
        expect(lines).toEqual(await collect(readLines(plain)))
        await using handle = await open(plain)
        for (const line of lines) expect(await readLineAt(handle, line)).toBe(line.text)
      }),
      { numRuns: 25 },
    )
  })

  it('give a cut last line as it is, so that its parser refuses it', async () => {
    const lines = await collect(linesOf(chunksOf(Buffer.from('{"a":1}\n{"b":'), [])))
    expect(lines.map(({ text }) => text)).toEqual(['{"a":1}', '{"b":'])
  })

  it('have no text if they are not UTF-8, and the next line is read', async () => {
    const bytes = Buffer.concat([Buffer.from([0xc3, 0x28, 0x0a]), Buffer.from('next')])
    expect(await collect(linesOf(chunksOf(bytes, [1])))).toEqual([
      { text: null, offset: 0, length: 2 },
      { text: 'next', offset: 3, length: 4 },
    ])
  })

  it('have no text above the maximum length, so that a hostile file does not fill the memory', async () => {
    const longest = 'x'.repeat(maximumLineBytes)
    for (const end of ['\n', '\r\n']) {
      const bytes = Buffer.from([longest, `${longest}y`, 'next'].join(end))
      const lines = await collect(
        linesOf(chunksOf(bytes, [1_000, maximumLineBytes + 1, 2_000_000])),
      )
      expect(lines.map(({ text }) => text)).toEqual([longest, null, 'next'])
      const last = lines.at(-1)
      expect(bytes.subarray(last?.offset, bytes.length).toString()).toBe('next')
    }
  })

  it('end with an error if a packed file is cut', async () => {
    const path = join(folder, 'cut.gz')
    const packed = gzipSync(Buffer.from('{"a":1}\n'.repeat(1_000)))
    await writeFile(path, packed.subarray(0, packed.length - 12))
    await expect(collect(readLines(path))).rejects.toMatchObject({ code: 'Z_BUF_ERROR' })
  })
})
