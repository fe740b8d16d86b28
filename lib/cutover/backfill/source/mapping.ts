import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { SourceRecord } from './auth0-users'
import type { SourceUser } from './source-user'

/** What Stytch gets beside address and password. Only the operator knows which fields of the product these are. */
const mappedSchema = z.strictObject({
  name: z
    .strictObject({
      first_name: z.string().max(128).optional(),
      middle_name: z.string().max(128).optional(),
      last_name: z.string().max(128).optional(),
    })
    .optional(),
  /** In the format E.164. Stytch refuses others. */
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/)
    .nullish(),
  trustedMetadata: z.record(z.string(), z.json()).optional(),
  untrustedMetadata: z.record(z.string(), z.json()).optional(),
  roles: z.array(z.string().min(1)).optional(),
  /** Members of organizations move with their organization: docs/organizations.md. */
  isOrganizationMember: z.boolean().optional(),
})

export type Mapped = z.infer<typeof mappedSchema>

/** @returns the mapping's answer, or the field that it may not have */
export type Mapping = (user: SourceUser, record: SourceRecord) => Mapped | { invalid: string }

/** The mapping cannot be used for any user. */
export class MappingRefused extends Error {
  readonly code = 'mapping_refused'
  constructor(message: string) {
    super(message)
    this.name = 'MappingRefused'
  }
}

/** Auth0's fields for names, and nothing else. */
const standard = (user: SourceUser, record: SourceRecord): unknown => {
  const part = (value: unknown) => (typeof value === 'string' && value ? value : undefined)
  const first_name = part(record.given_name)
  const last_name = part(record.family_name)
  if (first_name || last_name) return { name: { first_name, last_name } }
  return user.name ? { name: { first_name: user.name } } : {}
}

/**
 * Loads the operator's module: `export default (user, record) => ({ … })`.
 * @param path null for the standard mapping
 * @throws {MappingRefused}
 */
export async function loadMapping(path: string | null): Promise<Mapping> {
  if (path === null) return checked(standard)
  let module: { default?: unknown }
  try {
    module = await import(pathToFileURL(resolve(path)).href)
  } catch (error) {
    throw new MappingRefused(`${path} cannot be loaded (${(error as Error).name}).`)
  }
  if (typeof module.default !== 'function') {
    throw new MappingRefused(`${path} has no function as its default export.`)
  }
  return checked(module.default as (user: SourceUser, record: SourceRecord) => unknown)
}

/** A mapping whose answers are checked. An error of the operator's code may repeat a value, so its text is dropped. */
export const checked =
  (map: (user: SourceUser, record: SourceRecord) => unknown): Mapping =>
  (user, record) => {
    let answer: unknown
    try {
      answer = map(user, record)
    } catch (error) {
      return { invalid: `threw_${error instanceof TypeError ? 'TypeError' : 'error'}` }
    }
    // An empty object to the check below, so that all users would lose their fields.
    if (answer instanceof Promise) {
      answer.catch(() => undefined)
      return { invalid: 'promise' }
    }
    const parsed = mappedSchema.safeParse(answer)
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    return { invalid: String(issue?.path[0] ?? issue?.code) }
  }
