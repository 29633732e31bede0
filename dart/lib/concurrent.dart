/// The messages of `proto/concurrent.proto` and their pools, which C and Rust
/// share.
library;

export 'src/generated/concurrent.g.dart';
