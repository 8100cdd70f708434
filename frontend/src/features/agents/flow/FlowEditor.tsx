/** The flow on its canvas or as a list, the tools to change it, and the inspector of what is selected. */
import { Modal, Stack } from '@mantine/core'
import { useDisclosure, useElementSize, useHotkeys, useMediaQuery } from '@mantine/hooks'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import type { Editing, Selection } from '@/components/flow/FlowCanvas'
import type { Flow, Move } from '@/components/flow/types'
import { walkOf } from '@/components/flow/walk'
import { Loading } from '@/components/states'
import { addNode, connect, place, reconnect, removeNode, removeWay, tidy } from './edit'
import { FlowFaults } from './FlowFaults'
import type { HistoryStore } from './history'
import { Inspector } from './Inspector'
import { NodeList } from './NodeList'
import { Slots } from './Slots'
import { Toolbar, type View } from './Toolbar'
import { useCheck } from './useCheck'
import { type FlowEdit, useFaults, useFlow } from './useFlow'
import classes from './flow.module.css'

const FlowCanvas = lazy(async () => ({ default: (await import('@/components/flow/FlowCanvas')).FlowCanvas }))

/** So much room the canvas and the inspector need beside each other, px. */
const BESIDE = 760

interface FlowEditorProps {
  agent: string
  store: HistoryStore<Flow>
  moves: readonly Move[]
  live: boolean
}

export function FlowEditor(props: FlowEditorProps) {
  const { t } = useTranslation('agents')
  const [large, { toggle, close }] = useDisclosure()
  const [selected, onSelect] = useState<Selection>(null)
  const shared = { ...props, selected, onSelect, onSize: toggle }
  if (!large) return <Work {...shared} large={false} />
  return (
    <Modal
      opened
      fullScreen
      onClose={close}
      title={t('sections.flow')}
      closeButtonProps={{ 'aria-label': t('flow.smaller') }}
    >
      <Work {...shared} large />
    </Modal>
  )
}

interface WorkProps extends FlowEditorProps {
  selected: Selection
  onSelect: Editing['onSelect']
  large: boolean
  onSize: () => void
}

function Work({ agent, store, moves, live, selected, onSelect, large, onSize }: WorkProps) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const [added, setAdded] = useState<string | null>(null)
  const [chosen, setView] = useState<View | null>(null)
  const view = chosen ?? (narrow ? 'list' : 'canvas')
  const { ref, width } = useElementSize()
  const edit = useFlow(store)
  const { flow, change } = edit
  const faults = useFaults()
  const counts = useMemo(
    () => Object.fromEntries(Object.entries(faults).map(([name, found]) => [name, found.length])),
    [faults],
  )
  const walk = useMemo(() => walkOf(flow, moves, live), [flow, moves, live])
  const check = useCheck(agent, flow, may('agents.write'))
  useHotkeys([
    ['mod+Z', () => edit.undo?.()],
    ['mod+shift+Z', () => edit.redo?.()],
  ])
  const editing = useEditing(edit, selected, onSelect)
  return (
    <Stack gap="sm" data-large={large || undefined} ref={ref}>
      <Toolbar
        edit={edit}
        view={view}
        onView={setView}
        onAdd={(kind) => {
          const grown = addNode(flow, kind, selected?.node)
          change(grown.flow)
          onSelect({ node: grown.name })
          setAdded(grown.name)
        }}
        onTidy={() => change(tidy(flow))}
        large={large}
        onSize={onSize}
        check={check}
      />
      <FlowFaults flow={flow} faults={faults} onSelect={onSelect} />
      <div className={classes.work} data-wide={width >= BESIDE || undefined}>
        {view === 'canvas' ? (
          <div className={classes.picture}>
            <Suspense fallback={<Loading rows={8} />}>
              <FlowCanvas
                flow={flow}
                walk={walk}
                faults={counts}
                editing={may('agents.write') ? editing : undefined}
                reveal={added}
                label={t('sections.flow')}
              />
            </Suspense>
          </div>
        ) : (
          <div className={classes.list}>
            <NodeList flow={flow} walk={walk} faults={counts} selected={selected} onSelect={onSelect} />
          </div>
        )}
        <div className={classes.inspector}>
          <Inspector edit={edit} selected={selected} onSelect={onSelect} />
        </div>
      </div>
      <Slots edit={edit} />
    </Stack>
  )
}

function useEditing({ flow, change }: FlowEdit, selected: Selection, onSelect: Editing['onSelect']): Editing {
  return {
    selected,
    onSelect,
    onMove: (places) => change(place(flow, places)),
    onConnect: (from, kind, to) => change(connect(flow, from, kind, to)),
    onReconnect: (way, to) => change(reconnect(flow, way, to)),
    onRemove: ({ node, way }) => {
      change(node === undefined ? removeWay(flow, way) : removeNode(flow, node))
      onSelect(null)
    },
  }
}
