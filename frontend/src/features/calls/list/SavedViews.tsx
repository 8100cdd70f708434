/** Filters kept under a name: one's own, and those shared with the workspace. */
import { Button, Checkbox, Menu, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import {
  IconBookmark,
  IconCheck,
  IconDeviceFloppy,
  IconPencil,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import type { components } from '@/api/schema'
import { useTenant } from '@/api/session'
import { FormButtons, FormProblem, confirmDanger, done, failed } from '@/components/forms'
import { type Filters, fromSearch, noFilters, same, toSearch } from '../filters'

type SavedView = components['schemas']['SavedView']

interface SavedViewsProps {
  filters: Filters
  onChange: (filters: Filters) => void
}

export function SavedViews({ filters, onChange }: SavedViewsProps) {
  const { t } = useTranslation('calls')
  const views = $api.useQuery('get', '/api/v1/saved-views', { params: { query: { limit: 200 } } })
  const [chosen, setChosen] = useState<string | null>(null)
  const [editing, setEditing] = useState<'new' | SavedView | null>(null)
  const all = views.data?.results ?? []
  const active =
    all.find(({ id }) => id === chosen) ?? all.find(({ query }) => same(fromSearch(query), filters))
  const narrowed = !same(filters, noFilters)
  const choose = (view: SavedView) => {
    setChosen(view.id)
    onChange(fromSearch(view.query))
  }
  return (
    <>
      <Menu width={300} position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            {active && narrowed ? active.name : t('views')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          <Group
            label={t('viewMine')}
            views={all.filter(({ mine }) => mine)}
            active={active}
            choose={choose}
          />
          <Group
            label={t('viewShared')}
            views={all.filter(({ mine }) => !mine)}
            active={active}
            choose={choose}
          />
          {all.length === 0 && !narrowed && (
            <Text size="sm" c="dimmed" p="xs">
              {t('noViews')}
            </Text>
          )}
          {active && narrowed && (
            <ActiveView view={active} filters={filters} onEdit={setEditing} onGone={() => setChosen(null)} />
          )}
          {narrowed && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
                {t('saveView')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {editing && (
        <ViewDialog
          view={editing === 'new' ? null : editing}
          filters={filters}
          onSaved={(view) => setChosen(view.id)}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  )
}

function Group({
  label,
  views,
  active,
  choose,
}: {
  label: string
  views: SavedView[]
  active?: SavedView
  choose: (view: SavedView) => void
}) {
  if (views.length === 0) return null
  return (
    <>
      <Menu.Label>{label}</Menu.Label>
      {views.map((view) => (
        <Menu.Item
          key={view.id}
          onClick={() => choose(view)}
          rightSection={view.id === active?.id ? <IconCheck size={15} aria-hidden /> : null}
        >
          {view.name}
        </Menu.Item>
      ))}
    </>
  )
}

/** What can be done with the view that is open, by whoever may change it. */
function ActiveView({
  view,
  filters,
  onEdit,
  onGone,
}: {
  view: SavedView
  filters: Filters
  onEdit: (view: SavedView) => void
  onGone: () => void
}) {
  const { t } = useTranslation(['calls', 'common'])
  const { role } = useTenant()
  const refresh = useRefresh()
  // In the options, not with `mutate`: the menu has closed, and this component with it, before the answer.
  const change = $api.useMutation('patch', '/api/v1/saved-views/{id}', {
    onSuccess: () => {
      done(t('viewSaved', { name: view.name }))
      refresh()
    },
    onError: failed,
  })
  const remove = $api.useMutation('delete', '/api/v1/saved-views/{id}', {
    onSuccess: () => {
      done(t('viewDeleted', { name: view.name }))
      onGone()
      refresh()
    },
    onError: failed,
  })
  if (!view.mine && role !== 'owner' && role !== 'admin') return null
  const params = { path: { id: view.id } }
  const update = () => change.mutate({ params, body: { query: toSearch(filters) } })
  const askDelete = () =>
    confirmDanger({
      title: t('viewDeleteTitle', { name: view.name }),
      text: t('viewDeleteText'),
      confirm: t('deleteView'),
      cancel: t('common:cancel'),
      onConfirm: () => remove.mutate({ params }),
    })
  return (
    <>
      <Menu.Divider />
      {!same(fromSearch(view.query), filters) && (
        <Menu.Item leftSection={<IconDeviceFloppy size={15} />} onClick={update}>
          {t('updateView', { name: view.name })}
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => onEdit(view)}>
        {t('renameView')}
      </Menu.Item>
      <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={askDelete}>
        {t('deleteView')}
      </Menu.Item>
    </>
  )
}

function ViewDialog({
  view,
  filters,
  onSaved,
  onClose,
}: {
  view: SavedView | null
  filters: Filters
  onSaved: (view: SavedView) => void
  onClose: () => void
}) {
  const { t } = useTranslation(['calls', 'common'])
  const refresh = useRefresh()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { name: view?.name ?? '', shared: view?.shared ?? false },
    validate: { name: (name) => (name.trim() ? null : t('viewNameMissing')) },
  })
  const handlers = {
    onSuccess: (saved: SavedView) => {
      done(t('viewSaved', { name: saved.name }))
      refresh()
      onSaved(saved)
      onClose()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  }
  const create = $api.useMutation('post', '/api/v1/saved-views', handlers)
  const change = $api.useMutation('patch', '/api/v1/saved-views/{id}', handlers)
  const save = form.onSubmit((values) => {
    setProblem(null)
    if (view) change.mutate({ params: { path: { id: view.id } }, body: values })
    else create.mutate({ body: { ...values, page: 'calls', query: toSearch(filters) } })
  })
  return (
    <Modal opened onClose={onClose} title={t(view ? 'viewChange' : 'viewNew')}>
      <form onSubmit={save} noValidate>
        <Stack>
          <FormProblem text={problem} />
          <TextInput
            label={t('viewName')}
            maxLength={100}
            required
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Checkbox label={t('viewShare')} {...form.getInputProps('shared', { type: 'checkbox' })} />
          <FormButtons
            label={t('common:save')}
            busy={create.isPending || change.isPending}
            cancel={{ label: t('common:cancel'), onClick: onClose }}
          />
        </Stack>
      </form>
    </Modal>
  )
}

function useRefresh() {
  const client = useQueryClient()
  return () => void client.invalidateQueries({ queryKey: ['get', '/api/v1/saved-views'] })
}
