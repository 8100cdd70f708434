/** A flow on a canvas: to look at, to change, and with a call walking through it. */
import {
  Background,
  type Connection,
  Controls,
  type EdgeChange,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { useReducedMotion } from '@mantine/hooks'
import { type Dispatch, type SetStateAction, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FlowEdge } from './FlowEdge'
import { FlowNode } from './FlowNode'
import type { Places } from './layout'
import { drawnEdges, drawnNodes } from './draw'
import type { Flow } from './types'
import { useFlowWords } from './words'
import { nowhere, type Walk } from './walk'
import type { WayKind } from './ways'
import classes from './flow.module.css'

/** A node by its name, or a way by its id. */
export type Selection = { node: string; way?: undefined } | { way: string; node?: undefined } | null

export interface Editing {
  selected: Selection
  onSelect: Dispatch<SetStateAction<Selection>>
  /** Where nodes stand now. */
  onMove: (places: Places) => void
  onConnect: (from: string, kind: WayKind, to: string) => void
  /** The way leads elsewhere now. */
  onReconnect: (way: string, to: string) => void
  onRemove: (what: NonNullable<Selection>) => void
}

interface FlowCanvasProps {
  flow: Flow
  walk?: Walk
  /** How many faults each node has. */
  faults?: Readonly<Record<string, number>>
  editing?: Editing
  /** The view goes with the call. */
  follow?: boolean
  /** The node that is brought into sight. */
  reveal?: string | null
  label: string
}

const NODE_TYPES = { flow: FlowNode }
const EDGE_TYPES = { flow: FlowEdge }
const NO_FAULTS = {}
/** So much room is left around the graph. */
const FIT = { padding: 0.12, maxZoom: 1 }

export function FlowCanvas(props: FlowCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

function Canvas({
  flow,
  walk = nowhere,
  faults = NO_FAULTS,
  editing,
  follow,
  reveal = null,
  label,
}: FlowCanvasProps) {
  const words = useFlowWords()
  const aria = useAria(!!editing)
  const [dragged, setDragged] = useState<Places>({})
  const selected = editing?.selected ?? null
  const nodes = useMemo(
    () => drawnNodes(flow, { walk, faults, dragged, selected, words, editable: !!editing }),
    [flow, walk, faults, dragged, selected, words, editing],
  )
  const edges = useMemo(
    () => drawnEdges(flow, { walk, selected, words, onSelect: editing?.onSelect }),
    [flow, walk, selected, words, editing],
  )
  useFollow(follow ? walk.current : reveal)

  const onNodesChange = (changes: NodeChange[]) => {
    const moved: Places = {}
    const moving: Places = {}
    for (const change of changes) {
      if (change.type === 'select') select({ node: change.id }, change.selected)
      if (change.type === 'position' && change.position)
        (change.dragging ? moving : moved)[change.id] = change.position
    }
    if (Object.keys(moving).length > 0) setDragged((before) => ({ ...before, ...moving }))
    if (Object.keys(moved).length === 0) return
    setDragged({})
    const all = Object.fromEntries(nodes.map(({ id, position }) => [id, position]))
    editing?.onMove({ ...all, ...moved })
  }
  const onEdgesChange = (changes: EdgeChange[]) => {
    for (const change of changes) if (change.type === 'select') select({ way: change.id }, change.selected)
  }
  const select = (what: NonNullable<Selection>, on: boolean) =>
    editing?.onSelect((before) => (on ? what : same(before, what) ? null : before))
  const connect = ({ source, target, sourceHandle }: Connection) =>
    editing?.onConnect(source, (sourceHandle ?? 'edge') as WayKind, target)

  return (
    <ReactFlow
      className={classes.canvas}
      aria-label={label}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onConnect={connect}
      onReconnect={({ id }, { target }) => editing?.onReconnect(id, target)}
      onPaneClick={() => editing?.onSelect(null)}
      onBeforeDelete={({ nodes: [node], edges: [edge] }) => {
        // Our own flow is changed, and the canvas drawn anew from it.
        if (node) editing?.onRemove({ node: node.id })
        else if (edge) editing?.onRemove({ way: edge.id })
        return Promise.resolve(false)
      }}
      nodesDraggable={!!editing}
      nodesConnectable={!!editing}
      nodesFocusable={!!editing}
      edgesFocusable={!!editing}
      edgesReconnectable={!!editing}
      elementsSelectable={!!editing}
      deleteKeyCode={editing ? ['Delete', 'Backspace'] : null}
      multiSelectionKeyCode={null}
      selectionKeyCode={null}
      // The page scrolls over it; the buttons, two fingers, or Ctrl with the wheel bring it closer.
      zoomOnScroll={false}
      preventScrolling={false}
      minZoom={0.15}
      maxZoom={1.5}
      fitView
      fitViewOptions={FIT}
      connectionRadius={40}
      ariaLabelConfig={aria}
    >
      <Background gap={20} size={1} color="var(--tl-line)" />
      <Controls showInteractive={false} fitViewOptions={FIT} className={classes.controls} />
    </ReactFlow>
  )
}

const same = (a: Selection, b: Selection) => a?.node === b?.node && a?.way === b?.way

/** Brings a node into the middle. */
function useFollow(name: string | null) {
  const { setCenter, getNode, getZoom } = useReactFlow()
  const still = useReducedMotion()
  useEffect(() => {
    const node = name === null ? undefined : getNode(name)
    if (!node) return
    const { x, y } = node.position
    const zoom = Math.max(getZoom(), 0.7)
    void setCenter(x + (node.width ?? 0) / 2, y + (node.height ?? 0) / 2, {
      zoom,
      duration: still ? 0 : 400,
    })
  }, [name, getNode, getZoom, setCenter, still])
}

function useAria(editable: boolean) {
  const { t } = useTranslation('flow')
  return useMemo(
    () => ({
      'node.a11yDescription.default': editable ? t('nodeHelp') : t('nodeLook'),
      'node.a11yDescription.keyboardDisabled': t('nodeHelp'),
      'node.a11yDescription.ariaLiveMessage': () => t('moved'),
      'edge.a11yDescription.default': t('edgeHelp'),
      'controls.ariaLabel': t('controls'),
      'controls.zoomIn.ariaLabel': t('zoomIn'),
      'controls.zoomOut.ariaLabel': t('zoomOut'),
      'controls.fitView.ariaLabel': t('fit'),
    }),
    [t, editable],
  )
}
