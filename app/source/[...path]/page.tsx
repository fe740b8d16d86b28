import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { PageShell } from '@/app/_ui/page-shell'
import { config } from '@/lib/config'
import { readSource } from '../read-source'

type Props = { params: Promise<{ path: string[] }> }

const pathOf = async (params: Props['params']) => (await params).path.join('/')

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await pathOf(params), robots: { index: false } }
}

/** Shows a source file of this app. Sandbox only. */
export default async function SourcePage({ params }: Props) {
  await connection()
  const path = await pathOf(params)
  const text = config().sandbox ? await readSource(path) : null
  if (text === null) notFound()
  return (
    <PageShell source="source">
      <h1 className="font-mono text-lg tracking-normal [overflow-wrap:anywhere]">{path}</h1>
      <p className="mt-1.5 text-quiet text-sm">Source file of the running app, read-only.</p>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it
        tabIndex={0}
        aria-label={`Text of ${path}`}
        className="mt-6 overflow-x-auto rounded-xl border border-line bg-surface py-4"
      >
        <pre className="w-max min-w-full font-mono text-xs">
          <code>
            {text
              .trimEnd()
              .split('\n')
              .map((line, index) => (
                <SourceLine key={lineId(index)} id={lineId(index)} text={line} />
              ))}
          </code>
        </pre>
      </section>
    </PageShell>
  )
}

const lineId = (index: number) => `L${index + 1}`

/** The style sheet adds the line number, so that it is not copied with the text. */
const SourceLine = ({ id, text }: { id: string; text: string }) => (
  <span id={id} className="source-line block scroll-mt-6 pr-5 target:bg-info-soft">
    {text}
    {'\n'}
  </span>
)
