/** What can be done with the agent: save, publish, duplicate, delete. */
import { ActionIcon, Button, Menu, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCopy, IconDots, IconStopwatch, IconTrash } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import type { OpenSuite } from '../suites/Suites'
import { Publish } from './Publish'
import type { Draft } from './useDraft'

interface ActionsProps {
  draft: Draft
  /** Shows the report of a run of tests. */
  onRun: (run: OpenSuite) => void
}

export function Actions({ draft, onRun }: ActionsProps) {
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
        <Publish draft={draft} onDone={publish.close} onRun={onRun} />
      </Modal>
    </>
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
