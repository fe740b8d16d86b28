import type { Route } from 'next'
import { headers } from 'next/headers'
import Link from 'next/link'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { loginPath, signOut } from '@/app/consumers'
import { mainPages, type NavigationEntry } from '@/app/navigation'
import { CarryOver, Inspector, operatorPages } from '@/app/seam'
import { type Screen, sources } from '@/app/source/sources'
import { config } from '@/lib/config'
import { getViewer, type Viewer } from '@/lib/viewer'
import { linkClass } from './button'
import { Logo } from './logo'
import { SubmitButton } from './submit-button'

type Props = {
  children: ReactNode
  /** The entry of the main navigation that this page belongs to. */
  current?: NavigationEntry
  /** `narrow` for a page with a single form. */
  width?: 'wide' | 'narrow'
  /** Omits the user menu, on a page that must not call a provider. */
  withoutViewer?: boolean
  /** Replaces the user menu of a consumer. */
  menu?: ReactNode
  /** The entry of `sources` that the footer links to. Defaults to `current`. */
  source?: Screen
}

/**
 * Header, navigation and footer. Each page renders it. A layout is not rendered again on navigation, so it would
 * show a stale user after a sign-in or sign-out.
 */
export async function PageShell({
  children,
  current,
  width = 'wide',
  withoutViewer,
  menu,
  source = current,
}: Props) {
  // Renders at request time, because the build has no session.
  await connection()
  const viewer = withoutViewer || menu ? null : await getViewer()
  const { sandbox, stytch } = config()
  const pages = mainPages((await headers()).get('host'))
  const maxWidth = width === 'wide' ? 'max-w-6xl' : 'max-w-[29rem]'
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="absolute top-2 left-2 z-20 -translate-y-20 rounded-lg bg-ink px-4 py-2 font-medium text-on-ink text-sm focus:translate-y-0"
      >
        Skip to content
      </a>
      <header className="border-line border-b bg-surface">
        <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-5 gap-y-1 px-4 py-2.5 sm:px-6">
          <Link
            href="/"
            prefetch={false}
            className="flex items-center gap-2.5 rounded-sm font-semibold"
          >
            <Logo className="w-8" />
            Cutover
          </Link>
          <nav
            aria-label="Main"
            className="-mx-2.5 order-last flex basis-full gap-0.5 sm:order-none sm:mx-0 sm:basis-auto"
          >
            {[...pages, ...(viewer?.isOperator ? operatorPages : [])].map(
              ({ href, label, place }) => (
                <NavLink key={href} href={href} isCurrent={current === place}>
                  {label}
                </NavLink>
              ),
            )}
          </nav>
          {menu ?? (!withoutViewer && <UserMenu viewer={viewer} />)}
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className={`mx-auto w-full flex-1 px-4 py-10 outline-none sm:px-6 sm:py-14 ${maxWidth}`}
      >
        {children}
      </main>
      <footer className="border-line border-t text-quiet text-xs">
        <div className="mx-auto grid max-w-6xl gap-3 px-4 py-5 sm:px-6">
          {source && <SourceLinks screen={source} />}
          <p className="flex flex-wrap justify-between gap-x-6 gap-y-1">
            <span>Cutover is a reference app. It is not affiliated with Auth0 or Stytch.</span>
            {sandbox && (
              <span>
                Sandbox: both are local stand-ins.{' '}
                <a href={`${stytch.apiUrl}/`} className={linkClass}>
                  Inbox
                </a>
              </span>
            )}
          </p>
        </div>
      </footer>
      {/* A client-side navigation renders this shell again, and not the layout. */}
      <CarryOver />
      {sandbox && <Inspector />}
    </div>
  )
}

/** Links to the source files of a page: in the repository if `SOURCE_URL` is set, else in the sandbox. */
function SourceLinks({ screen }: { screen: Screen }) {
  const { sandbox, sourceUrl } = config()
  const base = sourceUrl || (sandbox && '/source')
  if (!base) return null
  return (
    <nav aria-label="Source of this page">
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        <li aria-hidden="true">Source of this page:</li>
        {sources[screen].map((path) => (
          <li key={path}>
            <a
              href={`${base}/${path}`}
              className={`font-mono [overflow-wrap:anywhere] ${linkClass}`}
            >
              {path}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function NavLink({
  href,
  isCurrent,
  children,
}: {
  href: Route
  isCurrent: boolean
  children: ReactNode
}) {
  return (
    <Link
      href={href}
      prefetch={false}
      aria-current={isCurrent ? 'page' : undefined}
      className="rounded-md px-2.5 py-1.5 text-quiet text-sm hover:bg-sunken hover:text-ink aria-[current=page]:font-medium aria-[current=page]:text-ink"
    >
      {children}
    </Link>
  )
}

function UserMenu({ viewer }: { viewer: Viewer | null }) {
  if (!viewer) {
    return (
      <Link
        href={loginPath}
        prefetch={false}
        className="-mr-2.5 ml-auto rounded-md px-2.5 py-1.5 font-medium text-sm hover:bg-sunken"
      >
        Sign in
      </Link>
    )
  }
  return (
    <div className="ml-auto flex min-w-0 flex-1 items-center justify-end gap-1">
      {viewer.account && (
        <span className="min-w-0 truncate text-quiet text-sm" title={viewer.account.email}>
          <span className="sr-only">Signed in as </span>
          {viewer.account.email}
        </span>
      )}
      <form action={signOut}>
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
