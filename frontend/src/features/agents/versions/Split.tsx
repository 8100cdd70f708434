/** A share of the calls for another version than the published one. */
import { Button, Group, Paper, Select, Slider, Stack, Text, Title } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { done, failed, FormProblem } from '@/components/forms'
import { Time } from '@/components/format'

type SplitState = components['schemas']['Split']

interface SplitProps {
  agent: string
  /** Numbers of the versions, the newest first. */
  versions: number[]
}

export function Split({ agent, versions }: SplitProps) {
  const { data } = $api.useQuery('get', '/api/v1/agents/{id}/split', { params: { path: { id: agent } } })
  const published = data?.published
  if (!data || published == null || versions.length < 2) return null
  const others = versions.filter((number) => number !== published)
  return (
    <SplitForm
      key={`${published} ${data.number} ${data.percent}`}
      agent={agent}
      split={data}
      published={published}
      others={others}
    />
  )
}

interface SplitFormProps {
  agent: string
  split: SplitState
  published: number
  others: number[]
}

function SplitForm({ agent, split, published, others }: SplitFormProps) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const queries = useQueryClient()
  // The other version while calls are shared.
  const running = split.number ?? null
  const [number, setNumber] = useState(String(running ?? others[0]))
  const [percent, setPercent] = useState(running === null ? 20 : split.percent)
  const [problem, setProblem] = useState<string | null>(null)
  const again = () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents/{id}/split'] })
  const put = $api.useMutation('put', '/api/v1/agents/{id}/split', {
    onSuccess: () => {
      again()
      done(t('split.saved'))
    },
    onError: (error) => setProblem(asProblem(error).detail),
  })
  const end = $api.useMutation('delete', '/api/v1/agents/{id}/split', {
    onSuccess: () => {
      again()
      done(t('split.ended'))
    },
    onError: failed,
  })
  const same = running !== null && number === String(running) && percent === split.percent
  const write = may('agents.write')
  return (
    <Paper component="section" p="md" mb="lg" aria-labelledby="split-title">
      <Stack gap="sm">
        <div>
          <Title order={2} size="h4" id="split-title">
            {t('split.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {running === null
              ? t('split.none', { published })
              : t('split.running', { percent: split.percent, number: running, published })}{' '}
            {split.since && <Time at={split.since} />}
          </Text>
        </div>
        {write && (
          <>
            <Group align="flex-end" gap="lg">
              <Select
                w={170}
                label={t('split.other')}
                allowDeselect={false}
                data={others.map((one) => ({
                  value: String(one),
                  label: t('versionNumber', { number: one }),
                }))}
                value={number}
                onChange={(value) => setNumber(value!)}
              />
              <div style={{ flex: 1, minWidth: 220 }}>
                <Text size="sm" mb={6}>
                  {t('split.shares', {
                    number,
                    percent,
                    published,
                    rest: 100 - percent,
                  })}
                </Text>
                <Slider
                  min={1}
                  max={99}
                  value={percent}
                  onChange={setPercent}
                  thumbLabel={t('split.slider')}
                  label={(value) => t('split.percent', { percent: value })}
                />
              </div>
            </Group>
            <FormProblem text={problem} />
            <Group gap="xs">
              <Button
                size="sm"
                disabled={same}
                loading={put.isPending}
                onClick={() => {
                  setProblem(null)
                  put.mutate({ params: { path: { id: agent } }, body: { number: Number(number), percent } })
                }}
              >
                {running !== null ? t('split.change') : t('split.begin')}
              </Button>
              {running !== null && (
                <Button
                  size="sm"
                  variant="default"
                  loading={end.isPending}
                  onClick={() => end.mutate({ params: { path: { id: agent } } })}
                >
                  {t('split.end')}
                </Button>
              )}
            </Group>
          </>
        )}
      </Stack>
    </Paper>
  )
}
