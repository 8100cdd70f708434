/** What an agent would find for a question, and why. */
import { Anchor, Badge, Button, Group, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { FormProblem } from '@/components/forms'
import { latency } from '@/components/format'
import type { Found } from '../data'
import classes from './base.module.css'
import { highlight } from './highlight'

export function SearchPanel({ base }: { base: string }) {
  const { t } = useTranslation('knowledge')
  const [query, setQuery] = useState('')
  const search = $api.useMutation('post', '/api/v1/knowledge-bases/search')
  const { data } = search
  return (
    <Stack gap="sm" component="section" aria-label={t('search')}>
      <div>
        <Title order={2} size="h3">
          {t('search')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('searchHelp')}
        </Text>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (query.trim()) search.mutate({ body: { bases: [base], query: query.trim(), limit: 8 } })
        }}
      >
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <TextInput
            flex={1}
            label={t('question')}
            placeholder={t('questionPlaceholder')}
            maxLength={2000}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            loading={search.isPending}
            leftSection={<IconSearch size={16} />}
          >
            {t('find')}
          </Button>
        </Group>
      </form>
      <FormProblem text={search.error ? asProblem(search.error).detail : (data?.trouble ?? null)} />
      <div aria-live="polite">
        {data && (
          <>
            <Text size="sm" c="dimmed" mb="xs">
              {data.results.length > 0
                ? t('found', { count: data.results.length, time: latency(data.took_ms) })
                : t('foundNone', { time: latency(data.took_ms) })}
            </Text>
            <ol className={classes.found}>
              {data.results.map((found, i) => (
                <Result key={i} base={base} found={found} />
              ))}
            </ol>
          </>
        )}
      </div>
    </Stack>
  )
}

function Result({ base, found }: { base: string; found: Found }) {
  const { t } = useTranslation('knowledge')
  const { path } = useTenant()
  const { document, document_title, heading, text, score, by, matched } = found
  return (
    <li>
      <Group gap="xs" mb={4}>
        <Anchor component={Link} to={path(`knowledge/${base}/documents/${document}`)} size="sm" fw={600}>
          {document_title}
        </Anchor>
        {heading && (
          <Text span size="sm" c="dimmed">
            {heading}
          </Text>
        )}
      </Group>
      <Group gap="xs" mb={6}>
        <Tooltip label={t('scoreHint')}>
          <Group gap={6} wrap="nowrap">
            <div className={classes.meter} aria-hidden>
              <span style={{ width: `${Math.round(score * 100)}%` }} />
            </div>
            <Text span size="xs" className="tl-mono">
              {t('score', { score: score.toFixed(2) })}
            </Text>
          </Group>
        </Tooltip>
        {by.map((way) => (
          <Badge key={way} size="sm" color={way === 'words' ? 'amber' : 'petrol'}>
            {t(`by_${way}`)}
          </Badge>
        ))}
        {matched.length > 0 && (
          <Text span size="xs" c="dimmed">
            {t('matched', { words: matched.join(', ') })}
          </Text>
        )}
      </Group>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with the keyboard */}
      <div className={classes.passage} tabIndex={0} role="group" aria-label={document_title}>
        {highlight(text, matched).map((piece, i) =>
          piece.marked ? <mark key={i}>{piece.text}</mark> : <span key={i}>{piece.text}</span>,
        )}
      </div>
    </li>
  )
}
