import Link from 'next/link'
import { buttonClass } from '../_ui/button'
import { IncompleteSignOut } from '../_ui/incomplete-sign-out'
import { PageShell } from '../_ui/page-shell'

/** A simple home page, to be replaced by that of the product. */
export default function HomePage() {
  return (
    <PageShell current="home">
      <IncompleteSignOut />
      <h1 className="text-3xl">Welcome</h1>
      <p className="mt-5">
        <Link href="/team" prefetch={false} className={buttonClass('primary')}>
          Open your team
        </Link>
      </p>
    </PageShell>
  )
}
