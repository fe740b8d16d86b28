import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { SourceRecord } from './auth0-users'
import type { LineProblem } from './source-user'

/**
 * The fields of one line. A field cannot contain a line break. Otherwise one stray quotation mark would swallow the
 * users after it.
 * @returns null if the line is not CSV
 */
export function csvFields(line: string): string[] | null {
  try {
    const records: string[][] = parse(line, { relax_column_count: true, trim: true })
    return records.length === 1 ? (records[0] ?? null) : null
  } catch {
    return null
  }
}

/** A line under its header. @returns null if it is not CSV, or has more or fewer fields than the header */
export function csvRecord(header: readonly string[], line: string): SourceRecord | null {
  const fields = csvFields(line)
  if (fields?.length !== header.length) return null
  return Object.fromEntries(header.map((name, index) => [name, fields[index]]))
}

/** Text of a column. Null if it is empty. */
export const optionalColumn = z
  .string()
  .transform((value) => value || null)
  .default(null)

export const subjectColumn = z.string().min(1).max(512)

export const unreadable = (error: z.ZodError): LineProblem => ({
  problem: 'line_unreadable',
  reason: String(error.issues[0]?.path[0] ?? 'csv'),
})
