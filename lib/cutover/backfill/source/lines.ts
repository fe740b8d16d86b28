import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

/** A line of a file. Offset and length are in bytes of the unpacked file, without the end of the line. */
export type Line = {
  /** Null if the bytes are not UTF-8, or more than {@link maximumLineBytes}. */
  text: string | null
  offset: number
  length: number
}

/** A longer line gives no user. Otherwise one hostile line could fill the memory. */
export const maximumLineBytes = 1_048_576

const newline = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The lines of a file, packed by gzip or not. The first two bytes tell, and not the name.
 * @throws the errors of the file system, and of zlib if a packed file is damaged or cut
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  yield* linesOf(unpacked(path))
}

/** The bytes of a file, unpacked if gzip packed it. @throws as {@link readLines} */
export async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const start = await firstBytes(path)
  const file = createReadStream(path)
  const isPacked = start[0] === 0x1f && start[1] === 0x8b
  if (!isPacked) {
    yield* file as AsyncIterable<Buffer>
    return
  }
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  try {
    yield* file.pipe(gunzip) as AsyncIterable<Buffer>
  } finally {
    file.destroy()
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of createReadStream(path, { end: 1 })) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/**
 * Cuts bytes into lines. LF and CRLF end a line, and so does the end of the file. It skips empty lines and a byte
 * order mark.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let offset = 0
  let length = 0
  let parts: Buffer[] = []
  const add = (bytes: Buffer) => {
    length += bytes.length
    // One byte more, because the last one may be the CR of the end of the line.
    if (length <= maximumLineBytes + 1 + byteOrderMark.length) parts.push(bytes)
    else parts = []
  }
  const take = (): Line | null => {
    const line = lineOf(parts, offset, length)
    offset += length
    length = 0
    parts = []
    return line
  }
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
      add(bytes.subarray(from, at))
      const line = take()
      offset += 1
      if (line) yield line
      from = at + 1
    }
    // A stream may use the memory of its chunk again.
    if (from < bytes.length) add(Buffer.from(bytes.subarray(from)))
  }
  const last = take()
  if (last) yield last
}

function lineOf(parts: Buffer[], offset: number, length: number): Line | null {
  if (parts.length === 0) return length === 0 ? null : { text: null, offset, length }
  let bytes = Buffer.concat(parts)
  let start = offset
  if (offset === 0 && bytes.subarray(0, 3).equals(byteOrderMark)) {
    bytes = bytes.subarray(3)
    start = 3
  }
  if (bytes.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1)
  if (bytes.length === 0) return null
  return { text: textOf(bytes), offset: start, length: bytes.length }
}

function textOf(bytes: Uint8Array): string | null {
  if (bytes.length > maximumLineBytes) return null
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

/**
 * Reads one line of an unpacked file again.
 * @returns null if the file has become shorter, or the bytes are not UTF-8
 */
export async function readLineAt(
  file: FileHandle,
  { offset, length }: Pick<Line, 'offset' | 'length'>,
): Promise<string | null> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return bytesRead === length ? textOf(bytes) : null
}
