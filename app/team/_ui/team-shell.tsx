import type { Route } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { PageShell } from '@/app/_ui/page-shell'
import { SubmitButton } from '@/app/_ui/submit-button'
import type { Screen } from '@/app/source/sources'
import type { Organization } from '@/lib/team/organization'
import { signOutOfTeam } from '../sign-out-action'

type Props = {
  children: ReactNode
  /** The team of the page, if it is a page of one team. */
  organization?: Pick<Organization, 'slug' | 'name'>
  /** The signed-in member. Their address is null while the account cannot be looked up. */
  member?: { email: string | null } | null
  /** The entry of the team's navigation. Null on a page without it. */
  current?: 'notes' | 'members' | null
  width?: 'wide' | 'narrow'
  source?: Screen
}

/** The page shell of the teams: the main navigation, and the member's own menu. */
export function TeamShell({
  children,
  organization,
  member = null,
  current = null,
  width = 'wide',
  source = 'team-login',
}: Props) {
  const menu = member ? (
    <MemberMenu team={organization?.name} email={member.email} />
  ) : (
    <SignInLink slug={organization?.slug} />
  )
  return (
    <PageShell current="team" width={width} source={source} menu={menu}>
      {organization && current && <TeamHeader organization={organization} current={current} />}
      {children}
    </PageShell>
  )
}

function TeamHeader({
  organization: { slug, name },
  current,
}: {
  organization: Pick<Organization, 'slug' | 'name'>
  current: 'notes' | 'members'
}) {
  const home = `/team/${slug}`
  const pages = [
    { href: home, label: 'Notes', place: 'notes' },
    { href: `${home}/members`, label: 'Members', place: 'members' },
  ]
  return (
    <header className="mb-8 flex flex-wrap items-end justify-between gap-x-6 gap-y-3 border-line border-b">
      <p className="flex min-w-0 items-center gap-2.5 pb-3 font-semibold">
        <TeamMark name={name} />
        <span className="[overflow-wrap:anywhere]">
          <span className="sr-only">Team </span>
          {name}
        </span>
      </p>
      <nav aria-label="Team" className="flex gap-1">
        {pages.map(({ href, label, place }) => (
          <Link
            key={href}
            href={href as Route}
            prefetch={false}
            aria-current={current === place ? 'page' : undefined}
            className="-mb-px rounded-t-md border-transparent border-b-2 px-3 py-2.5 text-quiet text-sm hover:text-ink aria-[current=page]:border-ink aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {label}
          </Link>
        ))}
      </nav>
    </header>
  )
}

/** The initial of a team. It is decorative: the name is beside it. */
const TeamMark = ({ name }: { name: string }) => (
  <span
    aria-hidden="true"
    className="grid size-8 shrink-0 place-items-center rounded-md bg-sunken text-sm uppercase"
  >
    {[...name][0] ?? '?'}
  </span>
)

const SignInLink = ({ slug }: { slug: string | undefined }) => (
  <Link
    href={(slug ? `/team/${slug}/login` : '/team/login') as Route}
    prefetch={false}
    className="-mr-2.5 ml-auto rounded-md px-2.5 py-1.5 font-medium text-sm hover:bg-sunken"
  >
    Sign in to a team
  </Link>
)

function MemberMenu({ team, email }: { team: string | undefined; email: string | null }) {
  return (
    <div className="ml-auto flex min-w-0 flex-1 items-center justify-end gap-1">
      {email && (
        <span className="min-w-0 truncate text-quiet text-sm" title={email}>
          <span className="sr-only">Signed in{team && ` to ${team}`} as </span>
          {email}
        </span>
      )}
      <form action={signOutOfTeam}>
        <SubmitButton
          kind="quiet"
          className="-mr-2.5 min-h-8! whitespace-nowrap px-2.5! py-1! text-ink!"
        >
          Sign out
        </SubmitButton>
      </form>
    </div>
  )
}
