/** One knowledge base: what is in it, what more goes in, and what would be found. */
import { Button, Grid, Menu, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconEdit, IconTrash } from '@tabler/icons-react'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { Page } from '@/components/Page'
import { Loaded } from '@/components/states'
import { asBase, type Base, useBase, useChanged } from '../data'
import { BaseForm } from '../list/BaseForm'
import { AddDocuments } from './AddDocuments'
import { Documents } from './Documents'
import { SearchPanel } from './SearchPanel'

export function BasePage() {
  const { t } = useTranslation('knowledge')
  const { path, may } = useTenant()
  const { id = '' } = useParams({ strict: false })
  const query = useBase(id)
  // The route's error page: there is no such base, or it is somebody else's.
  if (query.error && asProblem(query.error).status === 404) throw query.error
  const base = query.data && asBase(query.data)
  return (
    <Page
      title={base?.name ?? t('base')}
      lead={base?.description}
      back={{ to: path('knowledge'), label: t('backToList') }}
      actions={base && may('agents.write') && <Actions base={base} />}
    >
      <Loaded query={query} rows={8}>
        {(data) => (
          <Grid gap="xl">
            <Grid.Col span={{ base: 12, lg: 7 }}>
              {may('agents.write') && <AddDocuments base={data.id} />}
              <Documents base={data.id} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, lg: 5 }}>
              <SearchPanel base={data.id} />
            </Grid.Col>
          </Grid>
        )}
      </Loaded>
    </Page>
  )
}

function Actions({ base }: { base: Base }) {
  const { t } = useTranslation('knowledge')
  const { path } = useTenant()
  const navigate = useNavigate()
  const changed = useChanged()
  const [editing, edit] = useDisclosure()
  const update = $api.useMutation('patch', '/api/v1/knowledge-bases/{id}')
  const remove = $api.useMutation('delete', '/api/v1/knowledge-bases/{id}', {
    onSuccess: async () => {
      done(t('removed', { name: base.name }))
      await navigate({ to: path('knowledge') })
      await changed()
    },
    onError: failed,
  })
  const params = { path: { id: base.id } }
  const ask = () =>
    confirmDanger({
      title: t('removeTitle', { name: base.name }),
      text: t('removeText'),
      confirm: t('remove'),
      cancel: t('cancel'),
      onConfirm: () => remove.mutate({ params }),
    })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />} loading={remove.isPending}>
            {t('edit')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEdit size={16} />} onClick={edit.open}>
            {t('edit')}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={ask}>
            {t('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={editing} onClose={edit.close} title={t('editTitle', { name: base.name })} size="lg">
        <BaseForm
          base={base}
          label={t('save')}
          onCancel={edit.close}
          onSave={async (body) => {
            await update.mutateAsync({ params, body })
            done(t('saved'))
            edit.close()
            await changed()
          }}
        />
      </Modal>
    </>
  )
}
