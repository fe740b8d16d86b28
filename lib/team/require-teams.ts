import 'server-only'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { hasTeams } from './config'

/** Answers 404 in an app without teams. The build has no settings, so the page is rendered at request time. */
export async function requireTeams(): Promise<void> {
  await connection()
  if (!hasTeams()) notFound()
}
