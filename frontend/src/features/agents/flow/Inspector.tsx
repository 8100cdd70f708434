/** All that can be said about the step or the way that is selected. */
import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconFlag, IconPlus, IconTrash } from '@tabler/icons-react'
import { type Dispatch, type SetStateAction, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Selection } from '@/components/flow/FlowCanvas'
import { PICTURES } from '@/components/flow/kinds'
import type { Node } from '@/components/flow/types'
import { inOrder } from '@/components/flow/ways'
import { EdgeEditor } from './EdgeEditor'
import { connect, removeNode, removeWay, renameNode, wayOf } from './edit'
import { NodeFields } from './NodeFields'
import { type FlowEdit, useFaults, useNodeField } from './useFlow'

const NAME = /^[a-z][a-z0-9_]{0,63}$/

interface InspectorProps {
  edit: FlowEdit
  selected: Selection
  onSelect: Dispatch<SetStateAction<Selection>>
}

export function Inspector({ edit, selected, onSelect }: InspectorProps) {
  const { t } = useTranslation('agents')
  const way = selected?.way === undefined ? undefined : wayOf(edit.flow, selected.way)
  const name = selected?.node
  const node = name === undefined ? undefined : edit.flow.nodes[name]
  if (way)
    return (
      <Stack gap="sm">
        <Title order={3} size="h4">
          {t('flow.wayTitle', { from: way.from, to: way.to })}
        </Title>
        {way.kind === 'edge' ? (
          <EdgeEditor edit={edit} from={way.from} index={way.index} />
        ) : (
          <Text size="sm" c="dimmed">
            {t(`flow.wayKinds.${way.kind}`)}
          </Text>
        )}
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={() => onSelect({ node: way.from })}>
            {t('flow.openStep', { name: way.from })}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            leftSection={<IconTrash size={14} />}
            onClick={() => {
              edit.change(removeWay(edit.flow, way.id))
              onSelect({ node: way.from })
            }}
          >
            {t('flow.removeThisWay')}
          </Button>
        </Group>
      </Stack>
    )
  if (name !== undefined && node)
    return <NodeInspector key={name} edit={edit} name={name} node={node} onSelect={onSelect} />
  return (
    <Text size="sm" c="dimmed">
      {t('flow.nothingSelected')}
    </Text>
  )
}

interface NodeInspectorProps {
  edit: FlowEdit
  name: string
  node: Node
  onSelect: InspectorProps['onSelect']
}

function NodeInspector({ edit, name, node, onSelect }: NodeInspectorProps) {
  const { t } = useTranslation('agents')
  const { t: flowText } = useTranslation('flow')
  const { flow, change } = edit
  const label = useNodeField(edit, name)<string>('label')
  const Picture = PICTURES[node.kind]
  return (
    <Stack gap="sm">
      <Group gap={8} wrap="nowrap">
        <Picture size={18} aria-hidden />
        <Title order={3} size="h4">
          {flowText(`kinds.${node.kind}`)}
        </Title>
      </Group>
      <Text size="sm" c="dimmed" mt={-6}>
        {t(`flow.kindHelp.${node.kind}`)}
      </Text>
      <Faults name={name} />
      <Group grow align="flex-start">
        <Name edit={edit} name={name} onSelect={onSelect} />
        <TextInput
          label={t('flow.label')}
          maxLength={80}
          value={label.value}
          readOnly={label.readOnly}
          error={label.error}
          onChange={(event) => label.set(event.currentTarget.value)}
        />
      </Group>
      <NodeFields edit={edit} name={name} node={node} />
      {'edges' in node && (
        <Stack gap="xs">
          <div>
            <Text size="sm" fw={600}>
              {t('flow.ways')}
            </Text>
            <Text size="xs" c="dimmed">
              {t('flow.waysHelp')}
            </Text>
          </div>
          {node.edges.map((_, i) => (
            <EdgeEditor key={i} edit={edit} from={name} index={i} />
          ))}
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            style={{ alignSelf: 'flex-start' }}
            onClick={() => change(connect(flow, name, 'edge', likelyTarget(edit, name)))}
          >
            {t('flow.addWay')}
          </Button>
        </Stack>
      )}
      <Group gap="xs" mt="xs">
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFlag size={14} />}
          disabled={flow.start === name}
          onClick={() => change({ ...flow, start: name })}
        >
          {flow.start === name ? t('isStart') : t('makeStart')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={<IconTrash size={14} />}
          disabled={Object.keys(flow.nodes).length === 1}
          onClick={() => {
            change(removeNode(flow, name))
            onSelect(null)
          }}
        >
          {t('removeNode')}
        </Button>
      </Group>
    </Stack>
  )
}

/** A node that this one does not lead to yet. */
function likelyTarget({ flow }: FlowEdit, name: string): string {
  const node = flow.nodes[name]!
  const taken = new Set('edges' in node ? node.edges.map(({ goto }) => goto) : [])
  const order = inOrder(flow)
  const rest = [...order.slice(order.indexOf(name) + 1), ...order]
  return rest.find((other) => other !== name && !taken.has(other)) ?? name
}

function Faults({ name }: { name: string }) {
  const faults = useFaults()[name] ?? []
  if (faults.length === 0) return null
  return (
    <Stack gap={2} role="status">
      {faults.map(({ place, text }) => (
        <Text key={place} size="sm" c="var(--mantine-color-error)">
          {text}
        </Text>
      ))}
    </Stack>
  )
}

/** Typed here until it is a name that no other step has. */
function Name({
  edit,
  name,
  onSelect,
}: {
  edit: FlowEdit
  name: string
  onSelect: InspectorProps['onSelect']
}) {
  const { t } = useTranslation('agents')
  const [typed, setTyped] = useState(name)
  const fault =
    typed === name
      ? null
      : !NAME.test(typed)
        ? t('fault.name')
        : typed in edit.flow.nodes
          ? t('fault.twice')
          : null
  const settle = () => {
    if (typed === name || fault) return setTyped(fault ? typed : name)
    edit.change(renameNode(edit.flow, name, typed))
    onSelect({ node: typed })
  }
  return (
    <TextInput
      label={t('nodeName')}
      classNames={{ input: 'tl-mono' }}
      value={typed}
      error={fault}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        // Enter in a form would save the draft.
        event.preventDefault()
        settle()
      }}
    />
  )
}
