/** What an answer was made from: the pieces of documents that were looked up for it. */
import { Anchor, Popover, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconBook2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Source, Turn } from '@/components/call/types'
import { latency, share } from '@/components/format'
import classes from './beside.module.css'

export function Sources({ turn }: { turn: Turn }) {
  const { t } = useTranslation('calls')
  const retrieval = turn.account?.retrieval
  if (!retrieval) return null
  const { sources, trouble, took_ms } = retrieval
  if (sources.length === 0)
    return trouble ? (
      <Text size="xs" c="var(--mantine-color-error)" ta="right">
        {t('sourcesTrouble', { trouble })}
      </Text>
    ) : null
  return (
    <div className={classes.sources} role="group" aria-label={t('sources', { time: latency(took_ms) })}>
      {sources.map((source, i) => (
        <OneSource key={i} source={source} query={retrieval.query} />
      ))}
    </div>
  )
}

function OneSource({ source, query }: { source: Source; query: string }) {
  const { t } = useTranslation('calls')
  const { title, heading, text, url, score } = source
  return (
    <Popover width={380} position="bottom-end" shadow="md" withArrow trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.source} aria-label={t('sourceOf', { title })}>
          <IconBook2 size={13} aria-hidden />
          <span>{title}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={6}>
          <Text size="sm" fw={600}>
            {heading && heading !== title ? t('sourceHeading', { title, heading }) : title}
          </Text>
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with the keyboard */}
          <div className={classes.passage} tabIndex={0}>
            <Text size="sm">{text}</Text>
          </div>
          <Text size="xs" c="dimmed">
            {t('sourceFound', { query, score: share(score) })}
          </Text>
          {/^https?:\/\//.test(url) && (
            <Anchor href={url} target="_blank" rel="noreferrer" size="sm">
              {t('sourceOpen')}
            </Anchor>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
