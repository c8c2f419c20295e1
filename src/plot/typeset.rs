//! An SVG with its texts laid out in the embedded font, for files that bring their letters along.

use std::collections::BTreeSet;

use resvg::usvg;

use super::boxes::Boxed;
use super::{PlotError, font};

/// A picture whose letters have their places.
pub(super) struct Typeset {
    /// What is drawn.
    pub tree: usvg::Tree,
    boxed: Option<Boxed>,
}

impl Typeset {
    /// Lays out the texts of an SVG in the embedded font and no other.
    pub(super) fn of(svg: &str) -> Result<Typeset, PlotError> {
        let boxed = Boxed::of(svg);
        let mut options = usvg::Options { font_family: "DejaVu Sans".to_owned(), ..usvg::Options::default() };
        options.fontdb_mut().load_font_data(boxed.as_ref().map_or(font::BYTES, |boxed| &boxed.bytes).to_vec());
        options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
        let tree = usvg::Tree::from_str(svg, &options).map_err(|error| PlotError::Draw(error.to_string()))?;
        Ok(Typeset { tree, boxed })
    }

    /// The file of the font: the embedded one, with a box for each character that it lacks.
    pub(super) fn font(&self) -> &[u8] {
        self.boxed.as_ref().map_or(font::BYTES, |boxed| &boxed.bytes)
    }

    /// Characters that are drawn as boxes.
    pub(super) fn lacking(&self) -> Vec<char> {
        let mut lacking = BTreeSet::new();
        if let Some(boxed) = &self.boxed {
            collect(self.tree.root(), &mut |glyph| lacking.extend(boxed.letter(glyph)));
        }
        lacking.into_iter().collect()
    }
}

/// Shows every glyph that was drawn: a letter and its mark may be one that the font has.
fn collect(group: &usvg::Group, see: &mut impl FnMut(u32)) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => collect(group, see),
            usvg::Node::Text(text) => {
                let glyphs = text.layouted().iter().flat_map(|span| &span.positioned_glyphs);
                glyphs.for_each(|glyph| see(glyph.id.0));
            }
            usvg::Node::Path(_) | usvg::Node::Image(_) => {}
        }
    }
}
