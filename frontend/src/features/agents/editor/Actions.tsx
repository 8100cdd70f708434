/** What can be done with the agent: save, publish, duplicate, delete. */
import { ActionIcon, Button, Menu, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCopy, IconDots, IconStopwatch, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { confirmDanger, done, failed, FormButtons, FormProblem } from '@/components/forms'
import { publishDraft, readAgent } from './data'
import type { Draft } from './useDraft'

export function Actions({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const [publishing, publish] = useDisclosure()
  const { agent } = draft.stored
  const nothingNew = !draft.dirty && !agent.has_unpublished_changes
  return (
    <>
      <Button
        variant="default"
        loading={draft.busy}
        disabled={!draft.dirty}
        onClick={() => void draft.save()}
        title={t('saveShortcut')}
      >
        {common('save')}
      </Button>
      <Button onClick={publish.open} disabled={nothingNew}>
        {t('publish')}
      </Button>
      <More draft={draft} />
      <Modal opened={publishing} onClose={publish.close} title={t('publishTitle', { name: agent.name })}>
        <PublishForm draft={draft} onDone={publish.close} />
      </Modal>
    </>
  )
}

function PublishForm({ draft, onDone }: { draft: Draft; onDone: () => void }) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const queries = useQueryClient()
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const publish = async () => {
    setBusy(true)
    setProblem(null)
    try {
      const saved = draft.dirty ? await draft.save() : draft.stored
      if (!saved) return onDone()
      const number = await publishDraft(saved.agent.id, saved.etag, note.trim())
      draft.load(await readAgent(saved.agent.id))
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents/{id}/versions'] })
      done(t('publishedNow', { number }))
      onDone()
    } catch (error) {
      const { status, detail, errors, newer } = asProblem(error)
      setProblem(
        status === 412
          ? t('publishStale', { who: newer?.by || t('somebody') })
          : errors.map((fault) => fault.detail).join(' ') || detail,
      )
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void publish()
      }}
    >
      <Stack>
        <Text size="sm">{draft.dirty ? t('publishSaves') : t('publishText')}</Text>
        <Textarea
          label={t('note')}
          description={t('noteHelp')}
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <FormProblem text={problem} />
        <FormButtons label={t('publish')} busy={busy} cancel={{ label: common('cancel'), onClick: onDone }} />
      </Stack>
    </form>
  )
}

function More({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { t: common } = useTranslation('common')
  const { path, may } = useTenant()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { id, name } = draft.stored.agent
  const listAgain = () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/agents'] })

  const duplicate = async () => {
    try {
      const { data } = await api.POST('/api/v1/agents/{id}/duplicate', { params: { path: { id } }, body: {} })
      listAgain()
      done(t('duplicated', { name: data!.name }))
      await navigate({ to: path(`agents/${data!.id}`) })
    } catch (error) {
      failed(error)
    }
  }
  const remove = async () => {
    try {
      await api.DELETE('/api/v1/agents/{id}', { params: { path: { id } } })
      listAgain()
      done(t('deleted', { name }))
      await navigate({ to: path('agents'), ignoreBlocker: true })
    } catch (error) {
      failed(error)
    }
  }
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('more')}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {may('calls.read') && (
          <Menu.Item
            component={Link}
            to={path('latency')}
            search={{ agent: id } as never}
            leftSection={<IconStopwatch size={16} />}
          >
            {t('responseTimes')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void duplicate()}>
          {t('duplicate')}
        </Menu.Item>
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={() =>
            confirmDanger({
              title: t('deleteTitle', { name }),
              text: t('deleteText'),
              confirm: common('delete'),
              cancel: common('cancel'),
              onConfirm: () => void remove(),
            })
          }
        >
          {common('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
