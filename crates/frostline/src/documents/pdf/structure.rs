//! What each piece of a PDF is to a reader who cannot see it: a tree of roles, whose leaves are marks on pages.

/// A run of marks that belong together, such as the lines of one paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf(pub usize);

/// What a part of a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A heading of a level, with its words.
    Heading(u16, String),
    /// Sentences.
    Paragraph,
    /// A list with signs before its items.
    List,
    /// A list with numbers before its items.
    NumberedList,
    /// An item of a list.
    Item,
    /// The sign or number before an item.
    Label,
    /// What an item says.
    Body,
    /// Rows and columns.
    Table,
    /// What a table shows.
    Caption,
    /// The rows of headings.
    Head,
    /// The other rows.
    Rows,
    /// A row.
    Row,
    /// A cell that heads its column.
    ColumnHeading,
    /// A cell that heads its row.
    RowHeading,
    /// Any other cell.
    Cell,
}

/// A part of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub role: Role,
    /// What is in it, in the order of reading.
    pub children: Vec<Child>,
}

/// What is in a part of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    /// Another part.
    Node(Node),
    /// Marks.
    Leaf(Leaf),
}

impl Node {
    /// An empty part.
    pub fn new(role: Role) -> Self {
        Self { role, children: Vec::new() }
    }

    /// A part that holds only marks.
    pub fn of(role: Role, leaf: Leaf) -> Self {
        Self { role, children: vec![Child::Leaf(leaf)] }
    }

    /// Adds a part.
    pub fn push(&mut self, node: Node) {
        self.children.push(Child::Node(node));
    }
}
