'use client'

import { createElement, Fragment, useEffect, useState } from 'react'
import { buttonClass } from '@/app/_ui/button'

/** A command of the terminal, with a button that copies it. Without JavaScript the button does not appear. */
export function CommandLine({ command }: { command: string }) {
  const [state, setState] = useState<'unknown' | 'ready' | 'copied' | 'refused'>('unknown')
  useEffect(() => setState('ready'), [])
  const copy = () =>
    navigator.clipboard.writeText(command).then(
      () => setState('copied'),
      () => setState('refused'),
    )
  return (
    <div className="flex min-w-0 items-center gap-2 rounded-lg border border-line bg-sunken py-1 pr-1 pl-3">
      <code className="min-w-0 flex-1 py-1.5 font-mono text-xs">
        <Words command={command} />
      </code>
      {state !== 'unknown' && (
        <button
          type="button"
          onClick={copy}
          aria-label={`Copy: ${command}`}
          className={buttonClass('quiet', 'min-h-9! shrink-0 self-start px-2.5! py-1! text-xs!')}
        >
          <span role="status">
            {state === 'copied' ? 'Copied' : state === 'refused' ? 'Not allowed' : 'Copy'}
          </span>
        </button>
      )}
    </div>
  )
}

/** A line must not break at the hyphens of `--`, but a word that is too long must break. */
function Words({ command }: { command: string }) {
  const words = command
    .split(' ')
    .flatMap((word, index) => [
      index > 0 && ' ',
      createElement(
        'span',
        { className: 'inline-block max-w-full [overflow-wrap:anywhere]' },
        word,
      ),
    ])
  // Children that are listed one by one need no keys.
  return createElement(Fragment, null, ...words)
}
