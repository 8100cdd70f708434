/** Turns of all calls by the words in them; the search stands in the address. */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { IconMessageOff, IconMessageSearch, IconSearch } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAgents } from '@/api/choices'
import { useTenant } from '@/api/session'
import { Page } from '@/components/Page'
import { Empty, Failed, Loading } from '@/components/states'
import { Hits } from './Hits'
import { fromAddress, type Question, toAddress } from './question'
import { useFound } from './useFound'

export function SearchPage() {
  const { t } = useTranslation('calls')
  const navigate = useNavigate()
  const question = fromAddress(useSearch({ strict: false }))
  const set = (next: Question) => void navigate({ to: '.', search: toAddress(next) as never })
  const { hits, query, asked, searching } = useFound(question)
  return (
    <Page title={t('transcripts.title')} lead={t('transcripts.lead')}>
      <Stack gap="md">
        <QuestionForm key={question.q} question={question} onAsk={set} />
        {!asked && (
          <Empty
            icon={IconMessageSearch}
            title={t('transcripts.emptyTitle')}
            text={t('transcripts.emptyText')}
          />
        )}
        {searching && <Loading rows={6} />}
        {query.isError && hits.length === 0 && (
          <Failed error={query.error} retry={() => void query.refetch()} />
        )}
        {query.data && hits.length === 0 && !searching && (
          <Empty icon={IconMessageOff} title={t('transcripts.noneTitle')} text={t('transcripts.noneText')} />
        )}
        {hits.length > 0 && <Hits hits={hits} query={query} />}
      </Stack>
    </Page>
  )
}

interface QuestionFormProps {
  question: Question
  onAsk: (question: Question) => void
}

function QuestionForm({ question, onAsk }: QuestionFormProps) {
  const { t } = useTranslation('calls')
  const [q, setQ] = useState(question.q)
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        onAsk({ ...question, q: q.trim() })
      }}
    >
      <Group gap="sm" align="flex-end">
        <TextInput
          type="search"
          label={t('transcripts.field')}
          placeholder={t('transcripts.hint')}
          maxLength={300}
          autoFocus={!question.q}
          flex={{ base: '1 1 100%', sm: '1 1 280px' }}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={q}
          onChange={(event) => setQ(event.currentTarget.value)}
        />
        <Choices question={question} onAsk={(next) => onAsk({ ...next, q: q.trim() })} />
        <Button type="submit">{t('transcripts.submit')}</Button>
      </Group>
    </form>
  )
}

function Choices({ question, onAsk }: QuestionFormProps) {
  const { t } = useTranslation('calls')
  const agents = useAgents('', useTenant().may('agents.read'))
  const data = (agents.data?.results ?? []).map(({ id, name }) => ({ value: id, label: name }))
  if (question.agent && !data.some(({ value }) => value === question.agent))
    data.push({ value: question.agent, label: question.agent })
  return (
    <>
      <Select
        label={t('transcripts.speaker')}
        placeholder={t('transcripts.anySpeaker')}
        w={150}
        clearable
        data={(['caller', 'agent'] as const).map((value) => ({
          value,
          label: t(`transcripts.speaker_${value}`),
        }))}
        value={question.speaker || null}
        onChange={(speaker) => onAsk({ ...question, speaker: speaker ?? '' })}
      />
      <Select
        label={t('agent')}
        placeholder={t('anyAgent')}
        w={190}
        searchable
        clearable
        data={data}
        value={question.agent || null}
        onChange={(agent) => onAsk({ ...question, agent: agent ?? '' })}
      />
      <Select
        label={t('when')}
        placeholder={t('anyTime')}
        w={150}
        clearable
        data={[
          { value: '1', label: t('today') },
          ...['7', '30', '90'].map((days) => ({
            value: days,
            label: t('lastDays', { count: Number(days) }),
          })),
        ]}
        value={question.days || null}
        onChange={(days) => onAsk({ ...question, days: days ?? '' })}
      />
    </>
  )
}
