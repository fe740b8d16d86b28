import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseAuth0Hash } from './auth0-hashes'
import { parseAuth0User, type SourceRecord } from './auth0-users'
import { csvFields, csvRecord } from './csv'
import { parseCsvHash } from './csv-hashes'
import { parseCsvUser } from './csv-users'
import { type Line, maximumLineBytes, readLineAt, readLines, unpacked } from './lines'
import type { LineProblem, SourceHash, SourceUser } from './source-user'

/** A file cannot be used as a whole. The message names the file, and nothing of its content. */
export class SourceFileRefused extends Error {
  readonly code: 'file_missing' | 'file_damaged' | 'file_empty' | 'file_format' | 'file_changed'
  constructor(code: SourceFileRefused['code'], message: string) {
    super(message)
    this.name = 'SourceFileRefused'
    this.code = code
  }
}

type Place = Pick<Line, 'offset' | 'length'>

/** What a line gives: the parsed user or hash, and the raw record for the mapping. */
export type Entry<T> = Place & { parsed: T | LineProblem; record: SourceRecord }

export type SourceFile<T> = {
  entries(): AsyncGenerator<Entry<T>>
  /** Reads one line again. */
  at(place: Place): Promise<Entry<T>>
  close(): Promise<void>
}

export const openUsers = (path: string): Promise<SourceFile<SourceUser>> =>
  openSource(path, { json: parseAuth0User, csv: parseCsvUser })

export const openHashes = (path: string): Promise<SourceFile<SourceHash>> =>
  openSource(path, { json: parseAuth0Hash, csv: parseCsvHash })

type Parse<T> = (record: SourceRecord) => T | LineProblem

/** Opens an unpacked file. The first line tells its format. @throws {SourceFileRefused} */
async function openSource<T>(
  path: string,
  parsers: { json: Parse<T>; csv: Parse<T> },
): Promise<SourceFile<T>> {
  const file = await openFile(path)
  const header = await headerOf(path).catch(async (error) => {
    await file.close()
    throw error
  })
  const entryOf = ({ text, offset, length }: Line): Entry<T> => {
    const record = text === null ? null : header ? csvRecord(header, text) : jsonRecord(text)
    if (!record) {
      const reason = text === null ? 'not_utf8_or_too_long' : header ? 'csv' : 'json'
      return { offset, length, record: {}, parsed: { problem: 'line_unreadable', reason } }
    }
    return { offset, length, record, parsed: parsers[header ? 'csv' : 'json'](record) }
  }
  return {
    async *entries() {
      let isHeader = header !== null
      for await (const line of readLines(path)) {
        if (!isHeader) yield entryOf(line)
        isHeader = false
      }
    },
    async at({ offset, length }) {
      const text = length > maximumLineBytes ? null : await readLineAt(file, { offset, length })
      return entryOf({ text, offset, length })
    },
    close: () => file.close(),
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SourceFileRefused('file_missing', `${path} cannot be read (${code}).`)
  }
}

/** @returns the header of a CSV file, and null for NDJSON @throws {SourceFileRefused} */
async function headerOf(path: string): Promise<string[] | null> {
  for await (const { text } of readLines(path)) {
    if (text?.startsWith('{')) return null
    const header = text === null ? null : csvFields(text)
    const isKnown = header?.some((name) => name === 'subject' || name === 'cognito:username')
    if (header && isKnown && new Set(header).size === header.length) return header
    throw new SourceFileRefused(
      'file_format',
      `${path} begins neither with a JSON object nor with a header of docs/backfill.md.`,
    )
  }
  throw new SourceFileRefused('file_empty', `${path} has no line.`)
}

function jsonRecord(text: string): SourceRecord | null {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as SourceRecord)
      : null
  } catch {
    return null
  }
}

/** The SHA-256 of a file's unpacked bytes. A packed file and its unpacked copy are the same run. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await intact(path, async () => {
    for await (const chunk of unpacked(path)) hash.update(chunk)
  })
  return hash.digest('hex')
}

/**
 * Unpacks a file into `folder`, for this user of the machine only. An unpacked file stays where it is.
 * The import reads single lines, which a packed file does not allow.
 */
export async function unpack(path: string, digest: string, folder: string): Promise<string> {
  if (!(await isPacked(path))) return path
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const target = join(folder, `${digest.slice(0, 16)}.unpacked`)
  const part = `${target}.${process.pid}.part`
  await intact(path, () => pipeline(unpacked(path), createWriteStream(part, { mode: 0o600 })))
  await rename(part, target)
  return target
}

async function isPacked(path: string): Promise<boolean> {
  for await (const bytes of createReadStream(path, { end: 1 })) {
    return bytes[0] === 0x1f && bytes[1] === 0x8b
  }
  return false
}

/** @throws {SourceFileRefused} in place of the errors of the file system and of zlib */
async function intact<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    await stat(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SourceFileRefused('file_missing', `${path} cannot be read (${code}).`)
  }
  try {
    return await read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SourceFileRefused('file_damaged', `${path} is damaged or cut (${code}).`)
  }
}
