package board

import (
	"context"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// MaxShapes is how many shapes the conditions on one name may have: each costs a write for every signal.
const MaxShapes = 64

// shapes is what is known of the conditions on the signals of one name.
type shapes struct {
	Known []known `json:"shapes"`
}

type known struct {
	signal.Shape
	Indexed bool `json:"i,omitempty"` // signals are looked up by it; without, only subscribers
	Filled  bool `json:"f,omitempty"` // the index holds what was announced before it was wanted

	Next string `json:"n,omitempty"` // until then, it holds what stands before this sort key in the log
}

func (s *shapes) find(shape signal.Shape) int {
	return slices.IndexFunc(s.Known, func(k known) bool { return k.Same(shape) })
}

// want adds a shape, and tells whether that is news.
func (s *shapes) want(shape signal.Shape, indexed bool) bool {
	i := s.find(shape)
	if i < 0 {
		s.Known = append(s.Known, known{Shape: shape, Indexed: indexed})
		return true
	}
	news := indexed && !s.Known[i].Indexed
	s.Known[i].Indexed = s.Known[i].Indexed || indexed
	return news
}

func (b *Board) shapes(ctx context.Context, name string) (*shapes, int64, error) {
	items, err := b.Store.Get(ctx, store.Fresh, shapesKey(name))
	if err != nil || items[0].Rev == 0 {
		return &shapes{}, 0, err
	}
	s, err := record.Decode[shapes]("shapes of a signal", items[0].Body)
	return s, items[0].Rev, err
}

func (b *Board) putShapes(ctx context.Context, name string, s *shapes, rev int64) error {
	guard := store.Absent
	if rev != 0 {
		guard = store.At(rev)
	}
	return b.Store.Put(ctx, store.Write{Item: store.Item{Key: shapesKey(name), Body: record.Encode(s)}, If: guard})
}

// Ensure makes sure that the signals of a name can be looked up by the indexed shapes, old ones too, and that who
// announces one looks for subscribers of all of them. It fails with store.ErrGuard when another was faster: try
// again. It returns CodeInvalid when there are too many shapes.
func (b *Board) Ensure(ctx context.Context, name string, heard signal.Shape, indexed ...signal.Shape) error {
	s, rev, err := b.shapes(ctx, name)
	if err != nil {
		return err
	}
	news := s.want(heard, false)
	for _, shape := range indexed {
		news = s.want(shape, true) || news
	}
	if len(s.Known) > MaxShapes {
		return workflow.Errorf(workflow.CodeInvalid, "conditions look at a signal in more than %d ways", MaxShapes)
	}
	if news {
		if err := b.putShapes(ctx, name, s, rev); err != nil {
			return err
		}
		rev++
	}
	for _, shape := range indexed {
		if rev, err = b.fill(ctx, name, shape, s, rev); err != nil {
			return err
		}
	}
	return nil
}

// fill indexes all that was announced before somebody asked for the shape, and notes after each page how far it is:
// whoever tries again goes on there. It returns the revision of s. What is announced from now on is indexed by who
// announces it: he reads the shapes after he has put the signal.
func (b *Board) fill(ctx context.Context, name string, shape signal.Shape, s *shapes, rev int64) (int64, error) {
	for k := &s.Known[s.find(shape)]; !k.Filled; rev++ {
		items, next, err := b.Store.List(ctx, store.Range{Part: logPart(name), From: k.Next, To: "~", Limit: page})
		if err != nil {
			return rev, err
		}
		for _, item := range items {
			in, err := decode(item)
			if err == nil {
				err = b.putIndex(ctx, in, shape)
			}
			if err != nil {
				return rev, err
			}
		}
		k.Next, k.Filled = next, next == ""
		if err := b.putShapes(ctx, name, s, rev); err != nil {
			return rev, err
		}
	}
	return rev, nil
}

func (b *Board) putIndex(ctx context.Context, in *signal.Instance, shape signal.Shape) error {
	place, ok := shape.Place(in.Params)
	if !ok {
		return nil
	}
	return b.Store.Put(ctx, store.Write{Item: store.Item{Key: indexKey(in, shape, place), Body: record.Encode(in.Params)}, If: store.Any})
}

// Shapes are those of a name that were known after one of its signals was announced.
type Shapes struct{ known []known }

// Shapes returns the shapes by which a signal that is in the log is looked up. Who asks for another one later finds the
// signal in the log.
func (b *Board) Shapes(ctx context.Context, in *signal.Instance) (Shapes, error) {
	s, _, err := b.shapes(ctx, in.Name)
	return Shapes{s.Known}, err
}

// Index puts a signal that is in the log into all indexes, unless this process knows that it is there.
func (b *Board) Index(ctx context.Context, in *signal.Instance, by Shapes) error {
	if b.Indexed.has(in) {
		return nil
	}
	for _, shape := range by.known {
		if shape.Indexed {
			if err := b.putIndex(ctx, in, shape.Shape); err != nil {
				return err
			}
		}
	}
	b.Indexed.note(in)
	return nil
}

// complete puts a signal into the indexes that lack it.
func (b *Board) complete(ctx context.Context, in *signal.Instance) error {
	if b.Indexed.has(in) {
		return nil
	}
	s, _, err := b.shapes(ctx, in.Name)
	if err != nil {
		return err
	}
	var keys []store.Key
	for _, shape := range s.Known {
		if place, ok := shape.Place(in.Params); ok && shape.Indexed {
			keys = append(keys, indexKey(in, shape.Shape, place))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	items, err := b.Store.Get(ctx, store.Fresh, keys...)
	if err != nil {
		return err
	}
	for i, item := range items {
		if item.Rev == 0 {
			if err := b.Store.Put(ctx, store.Write{Item: store.Item{Key: keys[i], Body: record.Encode(in.Params)}, If: store.Any}); err != nil {
				return err
			}
		}
	}
	return nil
}
