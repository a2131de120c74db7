"""Public lists drawn from the guides in force: 行政许可, 告知承诺, 容缺受理, 特别程序."""
