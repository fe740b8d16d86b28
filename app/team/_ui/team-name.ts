import 'server-only'
import { findTeam } from '@/lib/team/seam'
import { isSlug } from '@/lib/team/slug'

/** The name of a team, or its slug while the name cannot be looked up. */
export async function teamName(slug: string): Promise<string> {
  const team = isSlug(slug) ? await findTeam(slug).catch(() => null) : null
  return team?.name ?? slug
}
