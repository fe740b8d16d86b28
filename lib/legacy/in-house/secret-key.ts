import 'server-only'
import { createHash } from 'node:crypto'

/** The hash under which a table stores a random secret, so that the table alone opens nothing. */
export const keyOf = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url')
