/** A link to the call for somebody without an account: what it shows, how long it works, who opened it. */
import { Badge, Button, Checkbox, Group, Modal, Select, Stack, Text, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconShare2 } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { done, failed, FormProblem } from '@/components/forms'
import { exactTime } from '@/components/format'
import { Copyable } from '@/components/Secret'
import { Failed, Loading } from '@/components/states'
import type { CallDetail } from '../call/useCall'
import { useNow } from '../useNow'
import classes from './after.module.css'
import { partsOf, stateOfShare } from './shares'

type Share = components['schemas']['Share']

const LIST = '/api/v1/calls/{id}/shares'
const HOURS = ['1', '24', '72', '168', '720'] as const

export function ShareButton({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShare2 size={16} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {t('after.share')}
      </Button>
      {open && <ShareDialog call={call} onClose={() => setOpen(false)} />}
    </>
  )
}

function ShareDialog({ call, onClose }: { call: CallDetail; onClose: () => void }) {
  const { t } = useTranslation('calls')
  const [url, setUrl] = useState<string | null>(null)
  return (
    <Modal opened onClose={onClose} size="lg" title={t('after.shareTitle')}>
      <Stack gap="lg">
        {url ? (
          <Stack gap="xs" role="status">
            <Text size="sm">{t('after.shareOnce')}</Text>
            <Copyable value={url} label={t('after.shareCopy')} />
            <Button variant="default" style={{ alignSelf: 'flex-start' }} onClick={() => setUrl(null)}>
              {t('after.shareAnother')}
            </Button>
          </Stack>
        ) : (
          <NewShare call={call} onMade={setUrl} />
        )}
        <Shares call={call} />
      </Stack>
    </Modal>
  )
}

function NewShare({ call, onMade }: { call: CallDetail; onMade: (url: string) => void }) {
  const { t } = useTranslation('calls')
  const client = useQueryClient()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: {
      expires_in_hours: '168',
      recording: call.recording !== null,
      transcript: true,
      analysis: false,
    },
  })
  const make = $api.useMutation('post', LIST, {
    onSuccess: ({ url }) => {
      void client.invalidateQueries({ queryKey: ['get', LIST] })
      onMade(url)
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const { recording, transcript, analysis } = form.values
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ expires_in_hours, ...shown }) => {
        setProblem(null)
        make.mutate({
          params: { path: { id: call.id } },
          body: { ...shown, expires_in_hours: Number(expires_in_hours) },
        })
      })}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('after.shareHelp')}
        </Text>
        <FormProblem text={problem} />
        <Stack gap="xs" role="group" aria-label={t('after.shareShows')}>
          <Checkbox
            label={t('after.shareRecording')}
            disabled={call.recording === null}
            {...form.getInputProps('recording', { type: 'checkbox' })}
          />
          <Checkbox
            label={t('after.shareTranscript')}
            {...form.getInputProps('transcript', { type: 'checkbox' })}
          />
          <Checkbox
            label={t('after.shareAnalysis')}
            {...form.getInputProps('analysis', { type: 'checkbox' })}
          />
        </Stack>
        <Group align="flex-end">
          <Select
            label={t('after.shareFor')}
            allowDeselect={false}
            w={180}
            data={HOURS.map((value) => ({ value, label: t(`after.shareHours_${value}`) }))}
            {...form.getInputProps('expires_in_hours')}
          />
          <Button type="submit" loading={make.isPending} disabled={!recording && !transcript && !analysis}>
            {t('after.shareMake')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Shares({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const query = $api.useQuery('get', LIST, { params: { path: { id: call.id }, query: { limit: 200 } } })
  const shares = query.data?.results ?? []
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  if (query.isPending) return <Loading rows={2} />
  if (shares.length === 0) return null
  return (
    <div>
      <Title order={3} size="h4">
        {t('after.shares')}
      </Title>
      <ul className={classes.shares}>
        {shares.map((share) => (
          <li key={share.id}>
            <OneShare call={call.id} share={share} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function OneShare({ call, share }: { call: string; share: Share }) {
  const { t } = useTranslation('calls')
  const client = useQueryClient()
  const state = stateOfShare(share, useNow(true))
  const revoke = $api.useMutation('delete', '/api/v1/calls/{id}/shares/{share}', {
    onSuccess: () => done(t('after.shareRevoked')),
    onError: failed,
    onSettled: () => client.invalidateQueries({ queryKey: ['get', LIST] }),
  })
  const shown = partsOf(share)
    .map((part) => t(`after.sharePart_${part}`))
    .join(', ')
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
      <div>
        <Text size="sm">
          {shown}{' '}
          <Badge size="sm" color={state === 'works' ? 'petrol' : 'gray'}>
            {t(`after.shareState_${state}`)}
          </Badge>
        </Text>
        <Text size="xs" c="dimmed">
          {t('after.shareFacts', { who: share.created_by, until: exactTime(share.expires_at) })}{' '}
          {t('after.shareOpened', { count: share.views })}
        </Text>
      </div>
      {state === 'works' && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          loading={revoke.isPending}
          onClick={() => revoke.mutate({ params: { path: { id: call, share: share.id } } })}
        >
          {t('after.shareRevoke')}
        </Button>
      )}
    </Group>
  )
}
